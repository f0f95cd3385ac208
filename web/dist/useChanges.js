import{r as e}from"./rolldown-runtime.js";import{Lt as t,P as n,S as r}from"./shared.js";import{j as i}from"./index.js";var a=e(t(),1),o=r(`
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
`),s=r(`
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
`);function c(e,t,r){let[{data:o}]=n({query:s,variables:{tenantId:e,since:null}}),c=(0,a.useRef)(new Map),l=(0,a.useRef)(t);(0,a.useEffect)(()=>{l.current=t});let u=o?.deploymentsChanged;(0,a.useEffect)(()=>{if(!u||r&&u.product?.id!==r)return;let e=`${u.status} ${u.waitReason} ${u.scheduledFor}`;c.current.get(u.id)!==e&&l.current(),c.current.set(u.id,e)},[u,r]);let d=i(),f=(0,a.useRef)(d);(0,a.useEffect)(()=>{d===`open`&&f.current!==`open`&&l.current(),f.current=d},[d])}export{o as n,c as t};