// For parts of the page that wait for the map: resolves to it, or to null where no map can be drawn.
let settle;
const ready = new Promise((resolve) => {
  settle = resolve;
});

export const whenMapReady = () => ready;
export const mapIsReady = (map) => settle(map);
