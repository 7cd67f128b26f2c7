/**
 * What does not end within this many seconds of being asked to is killed, by every manager. A new process that hangs must not take up
 * the 30 s that a put back has for stopping it and starting the old one; systemd would give it 90 (DefaultTimeoutStopSec).
 */
export const STOP_WITHIN_S = 10
