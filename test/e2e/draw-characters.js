// Runs in the page that `find-blank-characters.ts` opens.

const SIZE = 128;
const context = new OffscreenCanvas(SIZE, SIZE).getContext('2d', { willReadFrequently: true });
const families = [];

/** Loads a web font. Glyphs come from the fonts in the order of loading, then from the system's fonts. */
async function loadFont(base64) {
  const family = `given-${families.length}`;
  const face = await new FontFace(family, `url(data:font/woff2;base64,${base64})`).load();
  document.fonts.add(face);
  families.push(family);
}

function draw(text) {
  context.clearRect(0, 0, SIZE, SIZE);
  context.fillText(text, 40, 80);
  return new Uint32Array(context.getImageData(0, 0, SIZE, SIZE).data.buffer);
}

function isAlike(one, other) {
  const [a, b] = [draw(one), draw(other)];
  return a.every((pixel, index) => pixel === b[index]);
}

/** A combining mark is blank too if it changes the look of neither a letter nor the dotted circle. */
function isBlank(codePoint) {
  const text = String.fromCodePoint(codePoint);
  if (draw(text).every((pixel) => pixel === 0)) return true;
  return /\p{M}/u.test(text) && isAlike(`x${text}`, 'x') && isAlike(`\u25CC${text}`, '\u25CC');
}

globalThis.loadFont = loadFont;
globalThis.findBlank = (codePoints) => {
  context.font = ['32px', [...families, 'sans-serif'].join(', ')].join(' ');
  return codePoints.filter(isBlank);
};
