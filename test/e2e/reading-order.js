// Runs in the page that `reading-order.test.ts` opens.

const LINE_HEIGHT = 40;

/**
 * Draws a text in a paragraph and reads it as a person does: line by line, from left to right.
 * @returns the characters of each line as drawn and as written, without white space
 */
globalThis.readOrder = (text, direction, width) => {
  const paragraph = document.createElement('p');
  paragraph.dir = direction;
  paragraph.style.cssText = `width: ${width}px; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px sans-serif; line-height: ${LINE_HEIGHT}px`;
  paragraph.textContent = text;
  document.body.replaceChildren(paragraph);
  const [node] = paragraph.childNodes;
  const top = paragraph.getBoundingClientRect().top;
  const lines = new Map();
  let at = 0;
  for (const character of text) {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + character.length);
    at += character.length;
    if (/\s/.test(character)) continue;
    const box = range.getBoundingClientRect();
    const line = Math.floor((box.top + box.height / 2 - top) / LINE_HEIGHT);
    lines.set(line, [...(lines.get(line) ?? []), { character, left: box.left }]);
  }
  return [...lines.values()].map((drawn) => ({
    written: drawn.map(({ character }) => character).join(''),
    drawn: [...drawn]
      .sort((one, other) => one.left - other.left)
      .map(({ character }) => character)
      .join(''),
  }));
};
