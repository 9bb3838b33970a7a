import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownOf } from '../../../shared/feishu/shown.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { compareCard } from '../../card-reader/compare.ts';
import { readCard } from '../../card-reader/read-card.ts';
import { issueTitle, stage } from './arbitrary-stage.ts';
import { cardOf, issueOf, KINDS, LOCALES } from './built-cards.ts';

const RUNS = 40;

describe.each(KINDS)('a card that the product makes: $level $wording', (kind) => {
  it.each(LOCALES)('reads in %s as the record that it was made from (LESSONS row 43)', (locale) => {
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

describe('what has changed since the last request', () => {
  it.each(LOCALES)('can be read in %s, whatever it was (LESSONS row 43)', (locale) => {
    fc.assert(
      fc.property(stage, stage, fc.constantFrom(...KINDS), (before, now, kind) => {
        const of = { ...now, stageId: before.stageId };
        const issue = issueOf(of);
        const previous = shownOf(issueOf(before, { assignee: { email: 'other@example.com' } }), before);
        const read = readCard(cardOf(issue, of, kind, locale, { previous }), locale);

        expect(compareCard(read, issue, of)).toEqual([]);
        expect(read.changes?.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS, seed: 43 },
    );
  });
});
