import type { Post } from '../kit/post.ts';
import { encrypt } from './event-crypto.ts';
import { type AppKeys, randomHex } from './keys.ts';

/** How long the console waits for the answer to a challenge (docs/feishu.md 5). */
const CHALLENGE_WITHIN_MS = 1000;

/** Sends the unsigned challenge to a request URL, as the console does when the URL is saved. */
export async function sendChallenge(
  post: Post,
  url: string,
  keys: Pick<AppKeys, 'encryptKey' | 'verificationToken'>,
): Promise<{ ok: boolean; detail: string }> {
  const expected = randomHex(16);
  const plain = JSON.stringify({
    challenge: expected,
    token: keys.verificationToken,
    type: 'url_verification',
  });
  const answer = await post(
    url,
    { 'Content-Type': 'application/json; charset=utf-8' },
    JSON.stringify({ encrypt: encrypt(keys.encryptKey, plain) }),
    { connectMs: CHALLENGE_WITHIN_MS, totalMs: CHALLENGE_WITHIN_MS },
  );
  if (answer === undefined) return { ok: false, detail: 'no answer within 1 second' };
  if (answer.status !== 200) return { ok: false, detail: `HTTP ${answer.status}` };
  const ok = readChallenge(answer.body) === expected;
  return { ok, detail: ok ? 'the challenge was answered' : 'the answer is not the challenge' };
}

function readChallenge(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'challenge' in parsed
      ? parsed.challenge
      : undefined;
  } catch {
    return undefined;
  }
}
