import type { RoundFacts } from './facts.ts';
import { assigneeOf, writeIssue } from './issues.ts';
import type { CrowdWorld } from './world.ts';

const MINUTE = 60_000;
/** One tap for this many calls that Feishu accepts: four taps a minute at the limit of 100. */
const CALLS_A_TAP = 25;
/** A prime number, so that the tapped cards are spread over the whole crowd. */
const STRIDE = 7_919;

export interface Tap {
  issueId: string;
  approvalId: string;
  at: number;
}

/**
 * Approves one of these cards at regular intervals while the crowd waits. Skips cards that are not open, or were
 * tapped.
 */
export function tapRegularly(
  world: CrowdWorld,
  { perMinute }: { perMinute: number },
  cards: () => readonly RoundFacts[],
): readonly Tap[] {
  const { time, tenant } = world;
  const taps: Tap[] = [];
  const tapped = new Set<string>();
  let tries = 0;

  function tapOne(): void {
    const all = cards();
    for (let attempt = 0; attempt < Math.min(all.length, 100); attempt++) {
      const round = all[(++tries * STRIDE) % all.length];
      const instance = tenant.world.instances.get(round?.instanceCode ?? '');
      if (!round || tapped.has(round.approvalId) || instance?.status !== 'PENDING') continue;
      tenant.control.approve(instance.instanceCode, assigneeOf(round.issueId));
      tapped.add(round.approvalId);
      taps.push({ issueId: round.issueId, approvalId: round.approvalId, at: time.now() });
      return;
    }
  }
  const everyMs = (MINUTE * CALLS_A_TAP) / perMinute;
  const every = () => {
    if (world.facts.isWaiting()) tapOne();
    time.after(everyMs, every);
  };
  time.after(everyMs, every);
  return taps;
}

/**
 * Writes new issues from 10 % to 90 % of the minimum time. Their number changes each minute, from none to a tenth of
 * the limit.
 */
export function writeNewcomers(
  world: CrowdWorld,
  { issues, perMinute }: { issues: number; perMinute: number },
): readonly string[] {
  const { time } = world;
  const minutes = issues / perMinute;
  const most = Math.floor(perMinute / 10);
  const written: string[] = [];
  for (let minute = Math.ceil(minutes / 10); minute < minutes * 0.9; minute++) {
    const count = minute % (most + 1);
    for (let number = 0; number < count; number++) {
      time.after((minute + number / count) * MINUTE, () => {
        const issueId = `newcomer-${String(written.length).padStart(6, '0')}`;
        written.push(issueId);
        void writeIssue(world, issueId);
      });
    }
  }
  return written;
}
