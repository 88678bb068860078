import { performance } from 'node:perf_hooks';

/** Tells which share of the time since it was asked last this thread was busy, from 0 to 1. */
export type ThreadLoad = () => number;

/** The load of the thread that calls this. Time in which another process had the core counts as busy. */
export function threadLoad(): ThreadLoad {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
