import type { MadeDefinition, OwnDefinition } from './settings.ts';

export interface StoredDefinitions {
  /** The definition that each app uses, by app id. */
  inUse: Record<string, MadeDefinition>;
  /** The definitions that are ours, by code. */
  own: Record<string, OwnDefinition>;
}

/** Changes of the stored definitions. */
export interface DefinitionChanges {
  /** The definition that the app uses from now on. */
  used?: { appId: string; definition: MadeDefinition } | undefined;
  /** Definitions that are ours. */
  own?: readonly OwnDefinition[];
  /** Code of a definition that is not ours after all. */
  disown?: string;
}

/** Returns the parts of an update of the settings item. Names and values begin with `#d`, `#o`, `:d` and `:o`. */
export function definitionClauses({ used, own = [], disown }: DefinitionChanges) {
  return {
    sets: [
      ...(used ? ['definitions.#d = :d'] : []),
      ...own.map((_, index) => `ownDefinitions.#o${index} = :o${index}`),
    ],
    removes: disown === undefined ? [] : ['ownDefinitions.#dis'],
    names: Object.fromEntries([
      ...(used ? [['#d', used.appId] as const] : []),
      ...own.map(({ code }, index) => [`#o${index}`, code] as const),
      ...(disown === undefined ? [] : [['#dis', disown] as const]),
    ]),
    values: Object.fromEntries<unknown>([
      ...(used ? [[':d', used.definition] as const] : []),
      ...own.map((one, index) => [`:o${index}`, one] as const),
    ]),
  };
}
