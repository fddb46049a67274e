import { useCallback, useEffect, useState } from 'react'
import { type Answer, ask, type Fault } from './backend.ts'

export interface Asked<T> {
  /** The newest answer; kept while the next one is on its way, so that nothing jumps. */
  readonly value: T | null
  readonly fault: Fault | null
  readonly loading: boolean
  readonly retry: () => void
}

/**
 * Asks the backend, and again whenever the question changes or `retry` is called. `subject` is what the answer is about:
 * an answer about another subject is dropped at once, one about the same subject under another model stays meanwhile.
 */
export function useAnswer<T>(
  backend: string | null,
  path: string,
  body: Record<string, unknown>,
  subject: string,
): Asked<T> {
  const [attempt, setAttempt] = useState(0)
  const [held, setHeld] = useState<{ key: string; subject: string; value: T | null; fault: Fault | null } | null>(null)
  const question = JSON.stringify(body)
  const key = `${backend} ${path} ${question} ${attempt}`

  useEffect(() => {
    let current = true
    ask<T>(backend, path, JSON.parse(question)).then((answer: Answer<T>) => {
      if (!current) return
      setHeld({ key, subject, value: answer.ok ? answer.value : null, fault: answer.ok ? null : answer.fault })
    })
    return () => {
      current = false
    }
  }, [backend, path, question, key, subject])

  const retry = useCallback(() => setAttempt((count) => count + 1), [])
  const loading = held?.key !== key
  const known = held?.subject === subject ? held : null
  return { value: known?.value ?? null, fault: loading ? null : (known?.fault ?? null), loading, retry }
}
