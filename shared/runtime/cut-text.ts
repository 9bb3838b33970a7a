/** Cuts a text, between characters, to at most `most` bytes of UTF-8. */
export function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text.toWellFormed()) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    cut += character;
  }
  return cut;
}
