// What both inbox pages do the same way. Every text goes in by textContent: titles and SQL come from outside.

const REFRESH_EVERY_MS = 1000;

export const byId = (id) => document.getElementById(id);

/** Makes an element. `aria` holds attributes without their prefix; children that are undefined are left out. */
export function make(tag, { text, className, testId, aria = {}, ...rest } = {}, children = []) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className !== undefined) element.className = className;
  if (testId !== undefined) element.dataset.testid = testId;
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  Object.assign(element, rest);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Resolves to what is wrong, or to undefined. */
export async function send(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.ok ? undefined : (await response.json()).message;
  } catch (error) {
    return String(error);
  }
}

/** Shows what is wrong, or hides the last message. */
export function showProblem(problem) {
  const notice = byId('notice');
  notice.hidden = problem === undefined;
  notice.textContent = problem ?? '';
}

/**
 * Makes the function that shows a list. It draws only the cards whose state changed, so that half-written text, a
 * pressed button and a scrolled statement survive a refresh.
 */
export function createList(name, { keyOf, stateOf, draw }) {
  let drawn = new Map();
  return (cards) => {
    const next = new Map();
    const elements = cards.map((card) => {
      const state = stateOf(card);
      const old = drawn.get(keyOf(card));
      const element = old?.state === state ? old.element : draw(card);
      if (old !== undefined && old.element !== element) keepFields(old.element, element);
      next.set(keyOf(card), { state, element });
      return element;
    });
    drawn = next;
    const list = byId(name);
    const same =
      elements.length === list.children.length && elements.every((one, at) => one === list.children[at]);
    if (!same) list.replaceChildren(...elements);
    byId(`${name}-count`).textContent = String(cards.length);
    byId(`${name}-empty`).hidden = cards.length > 0;
  };
}

function keepFields(from, to) {
  for (const field of from.querySelectorAll('textarea, input')) {
    const twin = to.querySelector(`[data-testid="${field.dataset.testid}"]`);
    if (twin !== null) twin.value = field.value;
  }
}

/** Reads with `read` and shows the result with `show`. An answer that a later one overtook is dropped. */
export function createRefresh(read, show) {
  let latest = 0;
  return async () => {
    latest += 1;
    const turn = latest;
    let answer;
    try {
      answer = await read();
    } catch {
      return;
    }
    // It would bring back what a click has already ended.
    if (turn === latest) show(answer);
  };
}

export async function keepFresh(refresh) {
  await refresh();
  setTimeout(() => keepFresh(refresh), REFRESH_EVERY_MS);
}
