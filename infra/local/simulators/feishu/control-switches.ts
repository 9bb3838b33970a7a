import { ActRefused } from '../kit/control-routes.ts';
import type { Fault } from './faults.ts';
import { type CreateLimit, type InstanceSwitches, instanceSwitchesOff } from './instance-switches.ts';
import type { PersonState } from './people.ts';
import { grantedByDefault } from './scopes.ts';
import type { World } from './world.ts';

/** Switches that make a tenant misbehave or differ from others; each is also a member of PUT /simulator/misbehave. */
export interface Switches {
  misbehave(...faults: Fault[]): void;
  faults(): Fault[];
  /** Resets all switches, also those of the start, and restores app, bot, quota, scopes, people and definitions. */
  behave(): void;
  clearFaults(which: 'calls' | 'events'): void;
  expireTokens(): void;
  setScopes(scopes: readonly string[]): void;
  setAppEnabled(enabled: boolean): void;
  setBotEnabled(enabled: boolean): void;
  setQuotaUsedUp(usedUp: boolean): void;
  /** Whether the approval events were added in the console and a version with them was released. */
  setEventsAdded(added: boolean): void;
  setPersonState(email: string, state: PersonState): void;
  /** The maximum size of a create request, and how a larger one is refused; undefined: no limit. */
  setCreateLimit(limit: CreateLimit | undefined): void;
  /** Whether i18n keys are refused as values of widgets. */
  setKeysRefused(refused: boolean): void;
  /** How GET shows every instance. */
  setInstancesShownAs(shape: InstanceSwitches['instancesShownAs']): void;
  /** The events that report that an approved instance was revoked. */
  setRevocationsSentAs(shape: InstanceSwitches['revocationsSentAs']): void;
}

export const createSwitches = (world: World): Switches => ({
  misbehave(...faults) {
    for (const fault of faults) world.faults.add(fault);
  },
  faults: () => world.faults.list(),
  clearFaults: (which) => world.faults.clear(which),
  behave() {
    world.faults.clear('all');
    world.people.reset();
    for (const definition of world.definitions.values()) definition.status = 'ACTIVE';
    Object.assign(world.grants, grantedByDefault());
    Object.assign(world.switches, instanceSwitchesOff());
  },
  expireTokens: () => world.tokens.expireAll(),
  setScopes(scopes) {
    world.grants.scopes = new Set(scopes);
  },
  setAppEnabled(enabled) {
    world.grants.appEnabled = enabled;
  },
  setBotEnabled(enabled) {
    world.grants.botEnabled = enabled;
  },
  setQuotaUsedUp(usedUp) {
    world.grants.quotaUsedUp = usedUp;
  },
  setEventsAdded(added) {
    world.grants.eventsAdded = added;
  },
  setPersonState(email, state) {
    if (!world.people.setState(email, state)) throw new ActRefused(404, 'UNKNOWN_PERSON', email);
  },
  setCreateLimit(limit) {
    world.switches.createLimit = limit;
  },
  setKeysRefused(refused) {
    world.switches.keysRefused = refused;
  },
  setInstancesShownAs(shape) {
    world.switches.instancesShownAs = shape;
  },
  setRevocationsSentAs(shape) {
    world.switches.revocationsSentAs = shape;
  },
});
