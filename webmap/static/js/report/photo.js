// A photo from the phone, made small enough for a bad network before it is sent: at most 2048 px, JPEG.
// Drawing it on a canvas also leaves its EXIF data (place, owner, device) behind.

export const LONGEST_SIDE = 2048;
const QUALITY = 0.85;

export class UnreadablePhoto extends Error {}

/** The same picture as a JPEG blob of at most `longest` px a side. Throws UnreadablePhoto. */
export async function shrink(file, longest = LONGEST_SIDE) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new UnreadablePhoto(file.name);
  }
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = 'white'; // JPEG knows no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!blob) throw new UnreadablePhoto(file.name);
  return blob;
}
