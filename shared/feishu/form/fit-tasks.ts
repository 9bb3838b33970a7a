import { codePoints } from '../../issue/record.ts';
import { bytesOfSections } from './body.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import { largestThatFits } from './largest-that-fits.ts';
import type { Section } from './pages.ts';
import { NAME_LIMIT } from './show-name.ts';
import { type Facts, type HashedTask, listTasks } from './task-list.ts';

export interface FittedTasks {
  /** One list for each language. */
  sections: Section[][];
  listed: number;
  /** Positions of listed tasks whose type, instance or database is cut, from 1. */
  shortened: number[];
  bytes: number;
}

const FULL = { names: NAME_LIMIT, digits: 64 };
const SHORT = { names: 40, digits: 16 };

/** If not all tasks can be listed, all SQL goes first, as long as it takes at most this part of the room. */
const SQL_SHARE = 1 / 4;

/**
 * Returns the list of tasks in at most `room` bytes: in full, else shortened, else as many tasks as fit. It has full
 * names and hashes only if all SQL still fits, or if they take at most half of the room.
 * @param sqlBytes the bytes of all SQL
 */
export function fitTasks(
  tasks: readonly HashedTask[],
  wording: FormWording,
  room: number,
  sqlBytes: number,
): FittedTasks {
  const list = (facts: Facts): FittedTasks => {
    const sections = LANGUAGES[wording].map(({ words }) => listTasks(tasks, facts, words));
    const bytes = bytesOfSections(sections, wording, 'tasks');
    return { sections, listed: facts.listed, shortened: shortenedTargets(tasks, facts), bytes };
  };
  const whole = list({ ...FULL, listed: tasks.length });
  if (whole.bytes <= Math.max(room - sqlBytes, room / 2)) return whole;
  const shortened = list({ ...SHORT, listed: tasks.length });
  if (shortened.bytes <= room) return shortened;
  const left = sqlBytes <= room * SQL_SHARE ? room - sqlBytes : room;
  let best = list({ ...SHORT, listed: 0 });
  largestThatFits(1, tasks.length - 1, (listed) => {
    const some = list({ ...SHORT, listed });
    if (some.bytes > left) return false;
    best = some;
    return true;
  });
  return best;
}

const shortenedTargets = (tasks: readonly HashedTask[], { names, listed }: Facts): number[] =>
  tasks
    .slice(0, listed)
    .flatMap(({ task: { type, instance, database } }, index) =>
      [type, instance, database].some((name) => codePoints(name ?? '') > names) ? [index + 1] : [],
    );
