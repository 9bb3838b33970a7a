import { registerHooks } from 'node:module';

/** One place of the product, and what stands there in its place. */
export interface Break {
  /** From the project's root. */
  file: string;
  /** Stands there exactly once. */
  find: string;
  replace: string;
}

/** From now on this thread reads the file broken; it must not have been loaded yet. */
export function breakModule({ file, find, replace }: Break): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/${file}`)) return loaded;
      const source = String(loaded.source);
      if (source.split(find).length !== 2) throw new Error(`the mutant's text is not found once in ${file}`);
      return { ...loaded, source: source.replace(find, () => replace) };
    },
  });
}
