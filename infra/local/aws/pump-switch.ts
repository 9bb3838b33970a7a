import { setTimeout as pause } from 'node:timers/promises';

/** Switches a pump off and on again, as an event source mapping can be disabled. It keeps its place meanwhile. */
export interface PumpSwitch {
  isOn: boolean;
}

const POLL_MS = 20;

/** Resolves once the switch is on, or the pump is being stopped. */
export async function untilOn(pumpSwitch: PumpSwitch | undefined, signal: AbortSignal): Promise<void> {
  while (pumpSwitch?.isOn === false && !signal.aborted) {
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
