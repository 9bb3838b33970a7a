import { el, sinceText } from './dom.js';

const feed = () => document.getElementById('story');

let lastOf;
/** Adds a line of the story. Lines of the same issue are grouped under its id. */
export function addLine({ issueId, text, since }) {
  const look = /PENDING: ready|^(step “.*”: )?approved/.test(text)
    ? 'good'
    : /^(step “.*”: )?rejected|FAILED|refused|gave up/.test(text)
      ? 'bad'
      : '';
  const begins = since === 0 || issueId !== lastOf;
  lastOf = issueId;
  feed().append(
    el(
      'li',
      { class: `${look} ${begins ? 'begins' : ''}` },
      el('time', {}, since > 0 ? sinceText(since) : (issueId ?? '').slice(-8)),
      el('p', {}, text),
    ),
  );
  feed().scrollTop = feed().scrollHeight;
}

export function clearStory() {
  lastOf = undefined;
  feed().replaceChildren();
}
