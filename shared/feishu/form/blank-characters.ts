/** The characters that Chromium draws blank, in one run of `test/e2e/find-blank-characters.ts` with these fonts. */
export interface BlankRun {
  fonts: readonly string[];
  chromium: string;
  /** Version of Unicode whose assigned code points were drawn. */
  unicode: string;
  /** Code points in hexadecimal. */
  found: readonly string[];
}

/**
 * Characters that are drawn blank although no Unicode property says so. The script writes this list; do not edit it. A
 * character counts if it is blank in one run, because a font without it draws a box.
 */
export const BLANK_RUNS: readonly BlankRun[] = [
  {
    fonts: [
      'Debian 12: fonts-noto-core, fonts-noto-extra, fonts-noto-cjk, fonts-noto-color-emoji, fonts-dejavu (1513 families)',
    ],
    chromium: '156.0.8078.108',
    unicode: '17.0',
    found: ['FFFC', '1D159'],
  },
  {
    fonts: ['Debian 12: fonts-symbola, fonts-dejavu (8 families)'],
    chromium: '156.0.8078.108',
    unicode: '17.0',
    found: ['FFFC', '1D159'],
  },
  {
    fonts: ['Debian 12: fonts-unifont (5 families)'],
    chromium: '156.0.8078.108',
    unicode: '17.0',
    found: ['FFFC', '1D9FF'],
  },
  {
    fonts: [
      'Debian 12: fonts-dejavu (7 families)',
      'noto-music-music-400-normal.woff2',
      'noto-sans-egyptian-hieroglyphs-egyptian-hieroglyphs-400-normal.woff2',
      'noto-serif-khitan-small-script-khitan-small-script-400-normal.woff2',
    ],
    chromium: '156.0.8078.108',
    unicode: '17.0',
    found: ['FFFC', '13441', '13442', '16FE4'],
  },
];
