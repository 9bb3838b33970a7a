import type { ScheduledEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HOUR_MS, startSchedule } from '../../../infra/local/aws/schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a schedule', () => {
  it('passes the event of EventBridge to its function once an hour', async () => {
    const events: ScheduledEvent[] = [];
    const schedule = startSchedule('manage-settings', HOUR_MS, async (event) => events.push(event));
    await vi.advanceTimersByTimeAsync(HOUR_MS - 1);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(HOUR_MS + 1);
    await schedule.stop();
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/manage-settings'],
    });
  });

  it('never runs twice at the same time, and continues after a failure', async () => {
    let fail: (error: Error) => void = () => undefined;
    let runs = 0;
    const schedule = startSchedule('sweep-approvals', 1000, () => {
      runs += 1;
      return new Promise((_, reject) => {
        fail = reject;
      });
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(runs).toBe(1);
    fail(new Error('failed'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toBe(2);
    fail(new Error('failed'));
    await schedule.stop();
  });
});
