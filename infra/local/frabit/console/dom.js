/**
 * Makes an element. Text becomes text nodes only: nothing from a record is ever parsed as HTML. `testid` becomes
 * data-testid, `on…` an event listener, true an empty attribute; false and undefined are left out.
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'testid') element.setAttribute('data-testid', value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  const present = children.flat().filter((child) => child !== undefined && child !== null && child !== false);
  element.append(...present);
  return element;
}

const LOOKS = {
  wait: ['PENDING_APPROVAL', 'REQUESTED', 'RUNNING'],
  good: ['APPROVED', 'DONE'],
  bad: ['REJECTED', 'FAILED', 'EXPIRED', 'DELETED', 'REVERTED'],
  info: ['PENDING', 'OPEN'],
};

/** Shows a state as a coloured chip. A PENDING approval waits for a person; a PENDING task is ready to run. */
export function chip(state, testid, look) {
  const found = look ?? Object.keys(LOOKS).find((name) => LOOKS[name].includes(state));
  return el('span', { class: `chip ${found ?? ''}`, testid }, state);
}

export const clockTime = (iso) => new Date(iso).toLocaleTimeString('en-GB');

export function sinceText(ms) {
  return ms < 10_000 ? `+${Math.round(ms)} ms` : `+${Math.round(ms / 1000)} s`;
}

/** Shows names and values in one line. Rows that are false or undefined are left out. */
export const factLine = (rows) =>
  el(
    'p',
    { class: 'times' },
    ...rows.filter(Boolean).map(([name, value]) => el('span', {}, `${name} `, el('b', {}, value))),
  );
