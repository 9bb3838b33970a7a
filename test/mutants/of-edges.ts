import type { TestedMutant } from './tested-mutant.ts';

/** What comes in from Feishu and from an operator. */
export const EDGE_MUTANTS: readonly TestedMutant[] = [
  {
    name: 'of two apps with one Encrypt Key only the first one is heard',
    harm: 'Every tap in the second app is refused, until the sweep looks hours later.',
    file: 'shared/feishu/webhook.ts',
    find: 'const sender = signers.find(',
    replace: 'const sender = signers.slice(0, 1).find(',
    noticedBy: ['test/unit/webhook/webhook.test.ts'],
  },
  {
    name: "an unknown instance of a former app's definition is ignored",
    harm: 'A tap on a card that was sent a moment before the app was switched is lost.',
    file: 'functions/receive-feishu-events/find-issue.ts',
    find: 'Object.hasOwn(ownDefinitions, code) ||\n  Object.values(definitions).some((definition) => definition.code === code);',
    replace: 'Object.hasOwn(ownDefinitions, code) && definitions !== undefined;',
    noticedBy: ['test/integration/webhook/handler.test.ts'],
  },
  {
    name: 'the keys of an app are dropped while a remark is still to be posted',
    harm: 'The approver of a withdrawn card is never told why.',
    file: 'shared/setup/live-rounds.ts',
    find: 'mayBeLive(round) || round.settle !== undefined || round.remarks.length > 0)',
    replace: 'mayBeLive(round) || round.settle !== undefined)',
    noticedBy: ['test/unit/settings/due-rounds.test.ts'],
  },
  {
    name: 'a definition that was only about to be replaced is gone back to',
    harm: "A save overwrites another team's approval definition.",
    file: 'shared/setup/judge-definition.ts',
    find: 'one.version > ABOUT_TO_OVERWRITE',
    replace: 'one.version >= ABOUT_TO_OVERWRITE',
    noticedBy: ['test/unit/settings/judge-definition.test.ts'],
  },
];
