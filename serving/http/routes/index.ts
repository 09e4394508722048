import type { ServiceContext } from '../context.ts'
import type { Route } from '../route.ts'
import { creatorRevenueRoute } from './creator-revenue.ts'
import { creatorsRoute, usersRoute } from './directory.ts'
import { eventsRoute } from './events.ts'
import { forecastRoute } from './forecast.ts'
import { modelsRoute } from './models.ts'
import { postingTimesRoute } from './posting-times.ts'
import { churnBatchRoute, predictChurnRoute } from './predict-churn.ts'
import { predictEngagementRoute } from './predict-engagement.ts'
import { predictRevenueRoute } from './predict-revenue.ts'
import { predictViralityRoute } from './predict-virality.ts'
import { engagementBatchRoute, revenueBatchRoute, viralityBatchRoute } from './predictions-batch.ts'
import { recommendationsRoute } from './recommendations.ts'
import { recommendationsBatchRoute } from './recommendations-batch.ts'
import { segmentRoute, segmentsRoute } from './segment.ts'
import { similarRoute } from './similar.ts'
import { trendingRoute } from './trending.ts'

/** Every endpoint under /v1. */
export const allRoutes = (context: ServiceContext): readonly Route[] =>
  [
    recommendationsRoute,
    recommendationsBatchRoute,
    similarRoute,
    trendingRoute,
    predictEngagementRoute,
    engagementBatchRoute,
    predictViralityRoute,
    viralityBatchRoute,
    predictRevenueRoute,
    revenueBatchRoute,
    forecastRoute,
    predictChurnRoute,
    churnBatchRoute,
    segmentRoute,
    segmentsRoute,
    postingTimesRoute,
    creatorRevenueRoute,
    eventsRoute,
    modelsRoute,
    usersRoute,
    creatorsRoute,
  ].map((make) => make(context))
