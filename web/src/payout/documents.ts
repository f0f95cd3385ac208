import { graphql, type ResultOf } from '../api/graphql';

export const PayoutsQuery = graphql(`
  query Payouts($slug: String!, $mode: StripeMode!, $after: String) {
    tenant(slug: $slug) {
      id
      payouts(mode: $mode, first: 50, after: $after) {
        nodes { id status amount { amount currency } fees { amount currency } residual { amount currency } arrivalDate transactionCount reconciledAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const PayoutQuery = graphql(`
  query Payout($id: ID!, $after: String) {
    payout(id: $id) {
      id
      stripePayoutId
      status
      amount { amount currency }
      fees { amount currency }
      residual { amount currency }
      arrivalDate
      transactionCount
      reconciledAt
      lines { category count gross { amount currency } fee { amount currency } net { amount currency } }
      balanceTransactions(first: 50, after: $after) {
        nodes { id stripeId type category gross { amount currency } fee { amount currency } net { amount currency } order { id number } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
export type Payout = NonNullable<ResultOf<typeof PayoutQuery>['payout']>;

export const BooksQuery = graphql(`
  query Books($slug: String!, $mode: StripeMode!, $from: DateTime!, $to: DateTime!) {
    tenant(slug: $slug) {
      id
      reconciliation(mode: $mode, from: $from, to: $to) {
        agree
        checkedAt
        mismatches
        notes
        currencies {
          currency
          charged { amount currency }
          captured { amount currency }
          refunded { amount currency }
          disputed { amount currency }
          fees { amount currency }
          net { amount currency }
          paidOut { amount currency }
          unmatched
        }
      }
      paymentFees(mode: $mode, from: $from, to: $to) {
        method
        currency
        count
        gross { amount currency }
        fee { amount currency }
        effectiveRate
      }
    }
  }
`);
export type Books = NonNullable<ResultOf<typeof BooksQuery>['tenant']>;
