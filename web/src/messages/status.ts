export const status = {
  scheduled: 'Scheduled',
  missed: 'Missed its time',
  onHold: 'On hold',
  queued: 'Waiting its turn',
  waitsForStripe: 'Waiting for Stripe',
  paused: 'Paused',
  starting: 'Starting',
  checking: 'Checking',
  goingLive: 'Going live',
  rollingBack: 'Rolling back',
  stopping: 'Stopping',
  undoing: 'Undoing',
  live: 'Live',
  rolledBack: 'Rolled back',
  failed: { unchanged: 'Failed, live unchanged', restored: 'Failed, live restored', partial: 'Failed, needs you' },
  cancelled: { unchanged: 'Cancelled', restored: 'Stopped, live restored', partial: 'Stopped, needs you' },
  unknown: 'In progress',
};

export const liveStatus = {
  NOT_LIVE: 'Not live yet',
  LIVE: 'Live',
  CHANGED: 'Changed in test',
  DRIFTED: 'Changed in live',
  gone: 'Gone from test',
  unknown: 'Unknown',
};
