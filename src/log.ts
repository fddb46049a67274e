import { pino } from 'pino'

/** Structured log of the program. Goes to standard error, because standard output belongs to data. */
export type Log = pino.Logger

/** Creates the log. `level` follows pino: trace, debug, info, warn, error, silent. */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['*.authorization', '*.cookie', '*.token', '*.password', '*.secret'], censor: '[redacted]' },
    },
    pino.destination({ fd: 2, sync: true }),
  )
}
