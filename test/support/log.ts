import { currentAbout } from '../../shared/runtime/invocation.ts';
import { recordText } from './log-scan-record.ts';

/** A logger that keeps its lines, for the test and for the log scan. */
export function aLog() {
  const lines: unknown[][] = [];
  const keep = (happening: unknown, ...more: unknown[]) => {
    const about = { ...currentAbout(), ...Object.assign({}, ...more) };
    const line = Object.keys(about).length > 0 ? [happening, about] : [happening];
    lines.push(line);
    recordText('log', `${JSON.stringify(line)}\n`);
  };
  return { lines, info: keep, warn: keep, error: keep };
}
