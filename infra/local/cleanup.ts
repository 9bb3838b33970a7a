/** Collects what ends the parts that were started, so that every way out of a process can end them. */
export interface Cleanup {
  add(stop: () => Promise<void> | void): void;
}

/** `runAll` ends the parts, the last one first, and each only once. It never rejects. */
export function createCleanup(): Cleanup & { runAll(): Promise<void> } {
  const stops: (() => Promise<void> | void)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    async runAll() {
      for (const stop of stops.splice(0).reverse()) await Promise.resolve(stop()).catch(() => undefined);
    },
  };
}
