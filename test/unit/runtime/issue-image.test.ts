import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES, parseImage } from '../../../shared/issue/issue-image.ts';
import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import { anIssue, aStage, aStep, aTask, imageOf } from '../../support/issue.ts';

const tooLarge = 'the record: must be at most 350 KB; use sheet for large SQL';

/** A valid record of exactly this many bytes, with Frabit's attributes only. */
function ofSize(bytes: number) {
  const withStatement = (statement: string) =>
    anIssue({ stages: [aStage({ tasks: [aTask({ statement })] })] });
  return withStatement('x'.repeat(bytes - itemSize(imageOf(withStatement('')))));
}

describe('parsing an image', () => {
  it('returns the record and the whole item, with unknown attributes', () => {
    expect(parseImage(imageOf({ ...anIssue(), own: { n: 1 } }))).toEqual({
      ok: true,
      record: anIssue(),
      item: { ...anIssue(), own: { n: 1 } },
    });
  });

  it('names path and rule of an error', () => {
    expect(parseImage(imageOf({ ...anIssue(), title: '' }))).toMatchObject({
      ok: false,
      message: 'title: must have 1 to 500 characters',
      item: { title: '' },
    });
  });

  it.each(['99999999999999999999999999999999999999', '1E+125'])(
    "is not disturbed by a number %s in Frabit's own attributes",
    (N) => {
      expect(parseImage({ ...imageOf(anIssue()), own: { N } })).toMatchObject({ ok: true });
    },
  );

  it('accepts 350 KB, but not one byte more', () => {
    expect(parseImage(imageOf(ofSize(MAX_RECORD_BYTES)))).toMatchObject({ ok: true });
    expect(parseImage(imageOf(ofSize(MAX_RECORD_BYTES + 1)))).toMatchObject({ ok: false, message: tooLarge });
  });

  it('keeps room for the approvals of EXTERNAL steps, which list the tasks of all stages', () => {
    const tasks = Array.from({ length: 1_000 }, (_, at) => aTask({ taskId: `t${at}`, statement: '' }));
    const withSteps = (count: number) => {
      const steps = Array.from({ length: count }, (_, at) =>
        aStep({ stepId: `step-${at}`, kind: 'EXTERNAL', externalNodeId: 'oa' }),
      );
      return parseImage(imageOf(anIssue({ stages: [aStage({ tasks })], approvalFlow: { steps } })));
    };
    expect(withSteps(1)).toMatchObject({ ok: true });
    expect(withSteps(3)).toMatchObject({
      ok: false,
      message: expect.stringContaining('leaves no room for its approvals'),
    });
  });

  it("counts Frabit's unknown attributes", () => {
    expect(parseImage(imageOf({ ...ofSize(MAX_RECORD_BYTES), own: 1 }))).toMatchObject({ message: tooLarge });
  });

  it.each(['approvedTasks', 'stageApprovals', 'stepApprovals', 'approvalHold', 'approvalError'])(
    'does not hold our own %s against it: our writing must not make a record invalid',
    (name) => {
      expect(parseImage(imageOf({ ...ofSize(MAX_RECORD_BYTES), [name]: 'x'.repeat(1000) }))).toMatchObject({
        ok: true,
      });
    },
  );
});
