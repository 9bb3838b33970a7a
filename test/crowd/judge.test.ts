import { expect, it } from 'vitest';
import { areFew } from './judge.ts';

it.each([
  [0, 0, true],
  [0, 50, true],
  [1, 101, true],
  [1, 100, false],
  [1, 1, false],
])('counts %i refused calls of %i as few: %s', (refused, made, expected) => {
  expect(areFew(refused, made)).toBe(expected);
});
