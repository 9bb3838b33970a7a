/**
 * The classical attack on CBC padding (Vaudenay, EUROCRYPT 2002), by somebody who has a ciphertext and no key. It only
 * needs to learn, in any way, whether a ciphertext that it sends has valid padding.
 */

const BLOCK = 16;

/** Sends a ciphertext, IV first. Returns all that can be observed, as one text. */
export type Oracle = (ciphertext: Buffer) => Promise<string>;

/** Reads the plaintext of one block, byte by byte from its end. Returns undefined if all answers look the same. */
async function decryptBlock(previous: Buffer, block: Buffer, ask: Oracle): Promise<Buffer | undefined> {
  const decrypted = Buffer.alloc(BLOCK);
  for (let at = BLOCK - 1; at >= 0; at -= 1) {
    const forged = Buffer.alloc(BLOCK, 0xa5);
    const padding = BLOCK - at;
    for (let after = at + 1; after < BLOCK; after += 1) forged[after] = byte(decrypted, after) ^ padding;
    const right = await standsOut(forged, block, at, ask);
    if (right === undefined) return undefined;
    decrypted[at] = right ^ padding;
  }
  return xor(decrypted, previous);
}

/** Returns the value of the byte at `at` whose answer differs from the others. */
async function standsOut(
  forged: Buffer,
  block: Buffer,
  at: number,
  ask: Oracle,
): Promise<number | undefined> {
  const byAnswer = new Map<string, number[]>();
  for (let guess = 0; guess < 256; guess += 1) {
    forged[at] = guess;
    const seen = await ask(Buffer.concat([forged, block]));
    byAnswer.set(seen, [...(byAnswer.get(seen) ?? []), guess]);
  }
  const [few, ...rest] = [...byAnswer.values()].sort((a, b) => a.length - b.length);
  if (!few || rest.length === 0) return undefined;
  const usual = [...byAnswer].find(([, guesses]) => guesses !== few && guesses.length > few.length)?.[0];
  // At the last byte the padding may be a longer one by chance. Then a change of the byte before breaks it.
  for (const guess of few) {
    forged[at] = guess;
    const other = Buffer.from(forged);
    if (at > 0) other[at - 1] = byte(other, at - 1) ^ 0xff;
    if (at === 0 || (await ask(Buffer.concat([other, block]))) !== usual) return guess;
  }
  return undefined;
}

/** Reads a whole ciphertext, IV first, block by block, as far as possible. */
export async function decryptByPadding(ciphertext: Buffer, ask: Oracle): Promise<Buffer> {
  const plain: Buffer[] = [];
  for (let at = BLOCK; at < ciphertext.length; at += BLOCK) {
    const block = ciphertext.subarray(at, at + BLOCK);
    const read = await decryptBlock(ciphertext.subarray(at - BLOCK, at), block, ask);
    if (read) plain.push(read);
  }
  return Buffer.concat(plain);
}

/**
 * Returns what the attack sends if it guessed every byte so far: valid padding of each length, and the same with one
 * wrong bit. `plain`, which only the test knows, is the plaintext of the block.
 */
export function rightAndWrong(
  previous: Buffer,
  block: Buffer,
  plain: Buffer,
): { right: Buffer; wrong: Buffer }[] {
  const decrypted = xor(plain, previous);
  return Array.from({ length: BLOCK }, (_, index) => {
    const padding = index + 1;
    const forged = Buffer.from(
      decrypted.map((value, at) => (at < BLOCK - padding ? value ^ 0x20 : value ^ padding)),
    );
    const spoilt = Buffer.from(forged);
    spoilt[BLOCK - 1] = byte(spoilt, BLOCK - 1) ^ 0x80;
    return { right: Buffer.concat([forged, block]), wrong: Buffer.concat([spoilt, block]) };
  });
}

export const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((value, at) => value ^ byte(b, at)));

const byte = (bytes: Buffer, at: number): number => bytes.readUInt8(at);
