import type { TestedMutant } from './tested-mutant.ts';

/** Mutants of what comes from Feishu and from an operator. */
export const EDGE_MUTANTS: readonly TestedMutant[] = [
  {
    name: 'of two apps with the same Encrypt Key only the events of the first are accepted',
    harm: 'Every event of the second app is refused. Decisions are found hours later, by the sweep.',
    file: 'shared/feishu/webhook.ts',
    find: 'const sender = signers.find(',
    replace: 'const sender = signers.slice(0, 1).find(',
    noticedBy: ['test/unit/webhook/webhook.test.ts'],
  },
  {
    name: "an unknown instance of a former app's definition is ignored",
    harm: 'The event of a card that was sent just before a change of the app is lost.',
    file: 'functions/receive-feishu-events/find-issue.ts',
    find: 'Object.hasOwn(ownDefinitions, code) ||\n  Object.values(definitions).some((definition) => definition.code === code);',
    replace: 'Object.hasOwn(ownDefinitions, code) && definitions !== undefined;',
    noticedBy: ['test/integration/webhook/handler.test.ts'],
  },
  {
    name: 'the keys of an app are removed while a comment is still to be posted',
    harm: 'The approver of a withdrawn card never sees why.',
    file: 'shared/setup/rounds-in-use.ts',
    find: 'mayBeLive(round) || round.settle !== undefined || round.remarks.length > 0)',
    replace: 'mayBeLive(round) || round.settle !== undefined)',
    noticedBy: ['test/unit/settings/due-rounds.test.ts'],
  },
  {
    name: 'a definition that was about to be overwritten counts as ours',
    harm: "A save overwrites another team's approval definition.",
    file: 'shared/setup/judge-definition.ts',
    find: 'one.version > ABOUT_TO_OVERWRITE',
    replace: 'one.version >= ABOUT_TO_OVERWRITE',
    noticedBy: ['test/unit/settings/judge-definition.test.ts'],
  },
];
