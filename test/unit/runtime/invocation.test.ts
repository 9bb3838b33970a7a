import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  currentAbout,
  currentOrigin,
  currentRequestId,
  note,
  runAbout,
  runInvocation,
  timeLeft,
} from '../../../shared/runtime/invocation.ts';

it('knows nothing outside an invocation, and a note there is forgotten', () => {
  note({ issueId: 'lost' });

  expect(currentAbout()).toEqual({});
  expect(currentOrigin()).toBeUndefined();
  expect(currentRequestId()).toBeUndefined();
  expect(timeLeft()).toBe(Number.POSITIVE_INFINITY);
});

it('adds what an inner part is about, and forgets it after that part', () => {
  runInvocation({ requestId: 'run' }, () => {
    runAbout({ issueId: 'i', correlationId: 'c' }, () => {
      runAbout({ approvalId: 'a' }, () => {
        note({ instanceCode: 'x' });
        expect(currentAbout()).toEqual({
          issueId: 'i',
          correlationId: 'c',
          approvalId: 'a',
          instanceCode: 'x',
        });
        expect(currentRequestId()).toBe('run');
      });
      expect(currentAbout()).toEqual({ issueId: 'i', correlationId: 'c' });
    });
    expect(currentAbout()).toEqual({});
  });
});

it('does not keep a member that an inner part gives as undefined', () => {
  runAbout({ issueId: 'i', instanceCode: 'of another approval' }, () =>
    runAbout({ approvalId: 'a', instanceCode: undefined }, () => {
      expect(currentAbout()).toEqual({ issueId: 'i', approvalId: 'a' });
    }),
  );
});

it('ignores the undefined members of a note', () => {
  runAbout({ issueId: 'i' }, () => {
    note({ issueId: undefined, eventId: 'e' });
    expect(currentAbout()).toEqual({ issueId: 'i', eventId: 'e' });
  });
});

it('keeps the origin in inner parts that have none of their own', () => {
  const outer = { kind: 'EVENT', at: 1 } as const;
  runAbout(
    {},
    () => {
      expect(runAbout({ issueId: 'i' }, currentOrigin)).toEqual(outer);
      expect(runAbout({}, currentOrigin, { kind: 'OTHER' })).toEqual({ kind: 'OTHER' });
      expect(currentOrigin()).toEqual(outer);
    },
    outer,
  );
});

it('does not mix pieces of work that run at the same time', async () => {
  const pieceOf = (issueId: string) =>
    runAbout({ issueId }, async () => {
      await turn();
      note({ approvalId: `approval of ${issueId}` });
      await turn();
      return currentAbout();
    });

  const abouts = await runInvocation({ requestId: 'run' }, () => Promise.all(['a', 'b', 'c'].map(pieceOf)));

  expect(abouts).toEqual(
    ['a', 'b', 'c'].map((issueId) => ({ issueId, approvalId: `approval of ${issueId}` })),
  );
});

it('begins each invocation of a container anew', () => {
  runInvocation({ requestId: 'first' }, () => note({ issueId: 'i' }));

  expect(runInvocation({ requestId: 'second' }, currentAbout)).toEqual({});
});

it('says how many milliseconds are left until Lambda ends the function', () => {
  expect(runInvocation({ endsAt: 5_000 }, () => runAbout({}, () => timeLeft(3_000)))).toBe(2_000);
});
