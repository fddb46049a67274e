/** What records that people entered are stamped with. */
export const MANUAL = 'manual'

/** Source of imported files. What people enter and what they import name the same campaigns by the same ids. */
export const FILES = 'files'
