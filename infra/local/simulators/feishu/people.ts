import { createHash } from 'node:crypto';

export const ID_TYPES = ['open_id', 'union_id', 'user_id'] as const;
export type IdType = (typeof ID_TYPES)[number];

/** FROZEN people are still found by e-mail (only `status` shows it); RESIGNED and OUT_OF_RANGE people are not. */
export const PERSON_STATES = ['ACTIVE', 'FROZEN', 'RESIGNED', 'OUT_OF_RANGE'] as const;
export type PersonState = (typeof PERSON_STATES)[number];

export interface Person {
  email: string;
  openId: string;
  unionId: string;
  userId: string;
  state: PersonState;
}

export interface Directory {
  /** Returns a person for any address at the known domain, in any case; undefined for others. */
  byEmail(email: string): Person | undefined;
  /** Finds only people who were looked up before: an open_id cannot be guessed. */
  byId(type: IdType, id: string): Person | undefined;
  setState(email: string, state: PersonState): boolean;
  reset(): void;
}

/** Knows every address at `domain`. Ids depend on app and e-mail (docs/feishu.md 2: open_id is per app). */
export function createDirectory(appId: string, domain: string): Directory {
  const people = new Map<string, Person>();

  function byEmail(email: string): Person | undefined {
    const address = email.toLowerCase();
    const known = people.get(address);
    if (known) return known;
    const at = address.indexOf('@');
    const isKnown = at > 0 && address.slice(at + 1) === domain.toLowerCase() && !/\s/.test(address);
    if (!isKnown) return undefined;
    const person: Person = {
      email: address,
      openId: `ou_${digest(`${appId}\n${address}`).slice(0, 32)}`,
      unionId: `on_${digest(`union\n${address}`).slice(0, 32)}`,
      userId: digest(`user\n${address}`).slice(0, 8),
      state: 'ACTIVE',
    };
    people.set(address, person);
    return person;
  }

  return {
    byEmail,
    byId: (type, id) => [...people.values()].find((person) => idOf(person, type) === id),
    setState(email, state) {
      const person = byEmail(email);
      if (person) person.state = state;
      return person !== undefined;
    },
    reset() {
      for (const person of people.values()) person.state = 'ACTIVE';
    },
  };
}

export function idOf(person: Person, type: IdType): string {
  switch (type) {
    case 'open_id':
      return person.openId;
    case 'union_id':
      return person.unionId;
    case 'user_id':
      return person.userId;
    default:
      return type satisfies never;
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
