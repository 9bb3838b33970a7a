import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { compareCard } from '../../card-reader/compare.ts';
import { compareChanges } from '../../card-reader/compare-changes.ts';
import { readCard } from '../../card-reader/read-card.ts';
import { changedStage, issueTitle, stage } from './arbitrary-stage.ts';
import { cardOf, issueOf, KINDS, LOCALES } from './built-cards.ts';

const RUNS = 40;

describe.each(KINDS)('a $level $wording card', (kind) => {
  it.each(LOCALES)('shows in %s the same as its record (docs/lessons.md 43)', (locale) => {
    fc.assert(
      fc.property(
        stage,
        issueTitle,
        fc.subarray([...TRIGGERS], { minLength: 1 }),
        fc.boolean(),
        (of, title, triggers, requesterIsBot) => {
          const issue = issueOf(of, { title });
          const read = readCard(cardOf(issue, of, kind, locale, { triggers, requesterIsBot }), locale);

          expect(compareCard(read, issue, of)).toEqual([]);
          expect(read.level).toBe(kind.level);
          expect(read.wording).toBe(kind.wording === 'PLAIN' ? 'BOTH' : locale);
          expect(read.reasons).toEqual(triggers);
          expect(read.creator.botAsks).toBe(requesterIsBot);
        },
      ),
      { numRuns: RUNS, seed: 43 },
    );
  });
});

describe('the list of changes since the last request', () => {
  it.each(LOCALES)('shows in %s the differences of both records (docs/lessons.md 43)', (locale) => {
    const another = fc.record({ before: stage, now: stage });
    const stages = fc.oneof({ weight: 1, arbitrary: another }, { weight: 4, arbitrary: changedStage });
    fc.assert(
      fc.property(stages, fc.boolean(), fc.constantFrom(...KINDS), ({ before, now }, isMoved, kind) => {
        const of = { ...now, stageId: before.stageId };
        const issue = issueOf(of);
        const earlier = issueOf(before, isMoved ? { assignee: { email: 'other@example.com' } } : {});
        const previous = shownOf(earlier, before);
        const read = readCard(cardOf(issue, of, kind, locale, { previous }), locale);

        expect(compareCard(read, issue, of)).toEqual([]);
        expect(compareChanges(read, { issue: earlier, stage: before }, { issue, stage: of })).toEqual([]);
      }),
      { numRuns: RUNS, seed: 43 },
    );
  });
});
