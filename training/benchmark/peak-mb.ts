import process from 'node:process'

/** Most memory this process has held, MB. Node gives the greatest resident size in KB on every platform. */
export const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024)
