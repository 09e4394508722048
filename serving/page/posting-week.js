import { ask, element, modelText, showing } from './api.js'

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
const select = document.getElementById('creator-id')
const note = document.getElementById('creator-note')
const place = document.getElementById('creator-chart')
let chart
let shown

/** Shows the first creator's week, then whichever is chosen. */
export async function startWeek() {
  chart = echarts.init(place)
  new ResizeObserver(() => chart.resize()).observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => shown && draw(shown))
  select.addEventListener('change', () => showing(note, show))
  await showing(note, show)
}

async function show() {
  const path = `/v1/creators/${encodeURIComponent(select.value)}/posting-times?timeZone=${encodeURIComponent(timeZone)}`
  // Every hour for the picture, and the best ones apart from each other.
  const [week, best] = await Promise.all([ask(`${path}&limit=168&spacing=0`), ask(`${path}&limit=6`)])
  shown = week
  draw(shown)
  note.replaceChildren(
    `${shown.basisText} By ${modelText(shown.model)}; times are ${shown.timeZone}.`,
    ...(shown.fallback ? [' ', element('strong', '', 'Fallback: '), shown.fallback.detail] : []),
  )
  document
    .getElementById('creator-best')
    .replaceChildren(
      ...best.slots.map((slot) =>
        element('li', '', `${weekdays[slot.weekday]} ${slot.local.slice(11)} – ×${slot.lift.toFixed(2)}`),
      ),
    )
}

function draw({ slots }) {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const text = { color: colour('--quiet') }
  // A factor: half as much is as far from the mean as twice as much.
  const doublings = slots.map((slot) => Math.log2(Math.max(slot.lift, 0.01)))
  const most = Math.max(0.07, ...doublings.map(Math.abs))
  chart.setOption(
    {
      animation: false,
      aria: { enabled: true },
      grid: { left: 44, right: 12, top: 8, bottom: 78 },
      tooltip: { confine: true, formatter: ({ data }) => tooltip(slots[data[3]]) },
      xAxis: {
        type: 'category',
        data: Array.from({ length: 24 }, (_, hour) => String(hour)),
        name: 'hour of the day',
        nameLocation: 'middle',
        nameGap: 24,
        nameTextStyle: text,
        axisLabel: { ...text, interval: 2 },
        axisTick: { show: false },
        axisLine: { show: false },
      },
      yAxis: {
        type: 'category',
        data: weekdays,
        inverse: true,
        axisLabel: text,
        axisTick: { show: false },
        axisLine: { show: false },
      },
      visualMap: {
        dimension: 2,
        min: -most,
        max: most,
        precision: 2,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemHeight: 140,
        itemWidth: 12,
        text: [`×${(2 ** most).toFixed(2)} engagement`, `×${(2 ** -most).toFixed(2)}`],
        textStyle: text,
        inRange: { color: ['#b2572b', '#e3b79c', colour('--ground'), '#9db9f0', '#2458d3'] },
      },
      series: [
        {
          type: 'heatmap',
          data: slots.map((slot, index) => [slot.hour, slot.weekday, doublings[index], index]),
          itemStyle: { borderColor: colour('--card'), borderWidth: 1.5, borderRadius: 2 },
        },
      ],
    },
    true,
  )
}

/** Numbers and fixed words only, so that nothing of the data is read as HTML. */
const tooltip = ({ weekday, local, lift, lower, upper }) =>
  `${weekdays[weekday]} ${local.slice(11)}<br>×${lift.toFixed(2)} (80 %: ${lower.toFixed(2)} to ${upper.toFixed(2)})`
