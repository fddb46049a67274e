import type { Settings } from '../model/settings.ts'

/** Which channel keys are offline (F95): those the workspace names, whatever their case. All others are online. */
export function offlineChannels({ offline_channels }: Pick<Settings, 'offline_channels'>): (key: string) => boolean {
  const offline = new Set(offline_channels.map((key) => key.toLowerCase()))
  return (key) => offline.has(key.toLowerCase())
}
