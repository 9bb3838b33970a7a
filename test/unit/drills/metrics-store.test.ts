import { describe, expect, it } from 'vitest';
import { createMetricsStore, MINUTE_MS } from '../../drills/metrics-store.ts';

const AT = Date.parse('2026-03-01T08:00:00.000Z');
const key = (dimensions: Record<string, string>, name = 'HintFailed') => ({
  namespace: 'FrabitImApproval',
  name,
  dimensions,
});

const line = (changes: object = {}, dimensions = [['service']]) =>
  JSON.stringify({
    _aws: {
      Timestamp: AT,
      CloudWatchMetrics: [
        {
          Namespace: 'FrabitImApproval',
          Dimensions: dimensions,
          Metrics: [{ Name: 'HintFailed', Unit: 'Count' }],
        },
      ],
    },
    service: 'a-stack',
    function: 'watch-issues',
    HintFailed: [1, 3],
    ...changes,
  });

describe('the metrics store', () => {
  it('reads a line that a function printed, with one value or several', () => {
    const store = createMetricsStore();
    expect(store.putLine(line())).toBe(true);
    expect(store.putLine(line({ HintFailed: 5 }))).toBe(true);
    const read = (statistic: 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'SampleCount') =>
      store.read(key({ service: 'a-stack' }), statistic, AT, AT + MINUTE_MS);
    expect([read('Sum'), read('Maximum'), read('Minimum'), read('Average'), read('SampleCount')]).toEqual([
      9, 5, 1, 3, 3,
    ]);
  });

  it('ignores lines that hold no metrics', () => {
    expect(createMetricsStore().putLine('{"level":"INFO","message":"hint processing failed"}')).toBe(false);
  });

  it('keeps sets of dimensions apart', () => {
    const store = createMetricsStore();
    store.putLine(line({}, [['service', 'function']]));
    expect(store.read(key({ service: 'a-stack' }), 'Sum', AT, AT + MINUTE_MS)).toBeUndefined();
    expect(store.read(key({ service: 'another', function: 'watch-issues' }), 'Sum', AT, AT + MINUTE_MS)).toBe(
      undefined,
    );
    expect(store.read(key({ function: 'watch-issues', service: 'a-stack' }), 'Sum', AT, AT + MINUTE_MS)).toBe(
      4,
    );
  });

  it('counts a value from the beginning of a window to before its end', () => {
    const store = createMetricsStore();
    const metric = key({ service: 'a-stack' });
    store.put(metric, 1, AT - 1);
    store.put(metric, 10, AT);
    store.put(metric, 100, AT + 5 * MINUTE_MS);
    expect(store.read(metric, 'Sum', AT, AT + 5 * MINUTE_MS)).toBe(10);
    expect(store.read(metric, 'Sum', AT + MINUTE_MS, AT + 2 * MINUTE_MS)).toBeUndefined();
  });

  it('has no statistic without values', () => {
    expect(createMetricsStore().read(key({ service: 'a-stack' }), 'Sum', AT, AT + MINUTE_MS)).toBeUndefined();
  });
});
