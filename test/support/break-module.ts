import { registerHooks } from 'node:module';

/** A change of one place of the product. */
export interface Break {
  /** Relative to the root of the project. */
  file: string;
  /** In the file exactly once. */
  find: string;
  replace: string;
}

/** Breaks a file for this thread. The file must not be loaded yet. */
export function breakModule({ file, find, replace }: Break): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/${file}`)) return loaded;
      const source = String(loaded.source);
      if (source.split(find).length !== 2)
        throw new Error(`the text to break is not in ${file} exactly once`);
      return { ...loaded, source: source.replace(find, () => replace) };
    },
  });
}
