import { format } from 'node:util'
import { type DestinationStream, pino } from 'pino'
import { redact, redactValue } from './redact.ts'

/** Structured log of the program. Goes to standard error, because standard output belongs to data. */
export type Log = pino.Logger

/**
 * Creates the log. `level` follows pino: trace, debug, info, warn, error, silent. Credentials and e-mail addresses are
 * taken out twice (reliability S12): of each value while it still has its names, and of the finished line, whatever found
 * its way into it.
 */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are copied below.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod([first, ...rest], method) {
          // pino would put a message together from its parts after we have looked at them.
          const parts: unknown[] = typeof first === 'string' ? [first, ...rest] : rest
          const text = parts.length > 0 ? redact(format(...parts.map(shown))) : undefined
          if (typeof first === 'string') method.call(this, text as string)
          else method.call(this, fields(first), text)
        },
      },
    },
    { write: (line) => destination.write(`${redact(line.trimEnd())}\n`) },
  )
  const { child } = log
  // Children get it from their parent.
  log.child = function (this: Log, bindings: object, options: object) {
    return child.call(this, fields(bindings), options)
  } as typeof child
  return log
}

function shown(part: unknown): unknown {
  return typeof part === 'object' ? JSON.stringify(redactValue(part)) : part
}

/** What pino takes beside the message. It knows an error alone by its class, which a copy does not have. */
function fields(value: unknown): object {
  const copied = redactValue(value instanceof Error ? { err: value } : value)
  return typeof copied === 'object' && copied !== null && !Array.isArray(copied) ? copied : { value: copied }
}
