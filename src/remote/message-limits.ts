/** What one request may cost whoever asks it. It stands beside the request in the table of messages. */
export interface MessageLimits<Body> {
  /** Of the message that answers or refuses it, as JSON. */
  readonly answerBytes: number
  /** Entries of lists and objects in that message, all together: small values cost much more than their bytes. */
  readonly answerValues: number
  /**
   * Bytes that may come back before the answer. Whoever asks says how many it expects; more is the end of the
   * connection.
   */
  readonly dataBytes: number
  /** Bytes of output before the answer. A program prints for as long as it may run; all else only warns. */
  readonly outputBytes: number
  /**
   * For the answer. Where data goes one way or the other, anew with every piece of it; data that comes back has the
   * time for all of its bytes beside that (SLOWEST_BYTES_PER_MS).
   */
  readonly withinMs: (body: Body) => number
  /**
   * Does `cancel` stop it on the host? Then it is answered within STOP_MS of that. What is not stopped has its own
   * time, so that nothing is left half done.
   */
  readonly stops: boolean
}

/** A program that was told to end has 5 s until SIGKILL; the rest is for a host that is busy. */
export const STOP_MS = 60_000

/** A host that sends data has no longer than at this pace (a line of 32 kbit/s), beside the time for a piece. */
export const SLOWEST_BYTES_PER_MS = 4

/** What a host needs beyond the time limit of a program: to end it, to drain its pipes, to say so. */
const AFTER_PROGRAM_MS = 60_000

/** For what is done in the loop of the remote end: some write a line to the disk. */
const LOOP_MS = 60_000

/**
 * For what a host says of itself: programs of facts have their own limits, and a disk that answers nobody has none.
 */
export const OBSERVE_MS = 300_000

/** For work on the files of a revision, and for one piece of a transfer. */
export const FILES_MS = 600_000

/** One piece of an sdist that is fetched to be promoted: nothing is computed for it, it is only read. */
export const FETCH_MS = 120_000

/** A link with a text of PATH_MAX bytes, each of which JSON may spell in six, and a list of steps. */
const SMALL = { answerBytes: 256 * 1024, answerValues: 5_000 }

/** The lines of a warning or two. */
const WARNINGS = { dataBytes: 0, outputBytes: 64 * 1024 }

const KIB = 1024
const MIB = 1024 * KIB

/** A request that is answered in the loop of the remote end, in the order of arrival. */
export const quick = { ...SMALL, ...WARNINGS, withinMs: () => LOOP_MS, stops: false } as const

/**
 * A heartbeat, and what stops another request: they travel behind up to 512 KiB of an upload, and that the host is
 * heard at all is judged by the heartbeat.
 */
export const behindData = { ...quick, withinMs: () => FILES_MS } as const

/** Work on files that is carried to its end. */
export const files = { ...quick, withinMs: () => FILES_MS } as const

/** Work on files that `cancel` stops. */
export const stoppableFiles = { ...files, stops: true } as const

/**
 * What a host tells of itself. A remote end shortens its lists until they fit into 1 MiB; what is always told (open
 * switches, the revisions that were asked about) may take more.
 */
export const telling = {
  ...quick,
  answerBytes: 4 * MIB,
  answerValues: 200_000,
  withinMs: () => OBSERVE_MS,
  stops: true,
} as const

/** Data that comes back before the answer: at most so many bytes. */
export const fetching = (dataBytes: number, withinMs: number) => ({
  ...quick,
  dataBytes,
  withinMs: () => withinMs,
  stops: true,
})

/** A program, with the time that the request gives it. */
export const running = <Body>(timeoutMs: (body: Body) => number): MessageLimits<Body> => ({
  ...quick,
  outputBytes: Number.POSITIVE_INFINITY,
  withinMs: body => timeoutMs(body) + AFTER_PROGRAM_MS,
  stops: true,
})
