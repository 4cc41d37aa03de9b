// What a typed text may be besides an address: a report's code, coordinates.

const CODE = /^[2-9A-HJKMNP-Z]{6,8}$/;
const NUMBER = '([+-]?\\d{1,3}(?:[.,]\\d+)?)';
const PAIR = new RegExp(`^\\(?\\s*${NUMBER}\\s*°?\\s*[NB]?\\s*(?:[,;]\\s*|\\s+)${NUMBER}\\s*°?\\s*[EĐ]?\\s*\\)?$`, 'i');

/** "7tr-4km" as it is typed → "7TR4KM"; null where it is no code. A code has a digit or a hyphen in it, or is in capitals. */
export function asCode(text) {
  const code = text.replace(/[\s.\-–]/g, '').toUpperCase();
  return CODE.test(code) && (/\d/.test(code) || /-/.test(text) || text === text.toUpperCase()) ? code : null;
}

/**
 * "10.77, 106.70" or "10,77; 106,70" → [106.7, 10.77], longitude first; null where it is something else.
 * Latitude comes first as people write it; where only the other order can be meant, that one is taken.
 */
export function asCoordinates(text) {
  const found = PAIR.exec(text.trim());
  if (!found) return null;
  const [first, second] = [found[1], found[2]].map((number) => Number(number.replace(',', '.')));
  const whole = ![found[1], found[2]].some((number) => /[.,]/.test(number));
  if (whole) return null; // "12 34" is a house number and something
  const [lat, lon] = Math.abs(first) > 90 ? [second, first] : [first, second];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}
