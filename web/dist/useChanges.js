import{r as e}from"./rolldown-runtime.js";import{Lt as t,S as n}from"./shared.js";import{t as r}from"./follow.js";import{j as i}from"./index.js";var a=e(t(),1),o=n(`
  query Upcoming($slug: String!, $first: Int!, $after: String, $from: DateTime, $to: DateTime) {
    tenant(slug: $slug) {
      id
      now
      upcoming(first: $first, after: $after, from: $from, to: $to) {
        nodes {
          id
          kind
          status
          waitReason
          liveOutcome
          turningBack
          cancelRequestedAt
          scheduledFor
          localTime
          timeZone
          timeResolution
          version
          requestedBy
          reason
          progressMessage
          lastChange { by at what }
          product { id name }
          can { cancel { ok why } reschedule { ok why } deployNow { ok why } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`),s=n(`
  subscription Changed($tenantId: ID!, $since: DateTime) {
    deploymentsChanged(tenantId: $tenantId, since: $since) {
      id
      kind
      status
      waitReason
      liveOutcome
      turningBack
      cancelRequestedAt
      scheduledFor
      localTime
      timeZone
      version
      progressPercentage
      progressMessage
      lastChange { by at what }
      product { id }
    }
  }
`);function c(e,t,n){let o=(0,a.useRef)(new Map),c=(0,a.useRef)(t);(0,a.useEffect)(()=>{c.current=t}),r(s,{tenantId:e,since:null},({deploymentsChanged:e})=>{if(n&&e.product?.id!==n)return;let t=`${e.status} ${e.waitReason} ${e.scheduledFor}`;o.current.get(e.id)!==t&&c.current(),o.current.set(e.id,t)});let l=i(),u=(0,a.useRef)(l);(0,a.useEffect)(()=>{l===`open`&&u.current!==`open`&&c.current(),u.current=l},[l])}export{o as n,c as t};