import{n as e,r as t}from"./rolldown-runtime.js";import{C as n,O as r,h as i}from"./index.js";import{t as a}from"./schedule.js";import{Ct as o,Lt as s,S as c,t as l}from"./shared.js";import{j as u}from"./Dialog.js";import{i as d,l as f,r as p,t as m}from"./ComboBox.js";import{i as h,r as g,v as _}from"./useTextField.js";import{n as v}from"./documents2.js";var y=t(s(),1),b=c(`
  query ReadTime(
    $text: String
    $localTime: LocalDateTime
    $timeZone: TimeZone!
    $viewerZone: TimeZone
    $disambiguation: Disambiguation
  ) {
    readTime(
      text: $text
      localTime: $localTime
      timeZone: $timeZone
      viewerZone: $viewerZone
      disambiguation: $disambiguation
    ) {
      timeZone
      localTime
      resolution
      words
      viewerWords
      relative
      candidates { instant utcOffset disambiguation }
      problem { code message }
    }
  }
`),x=c(`
  query Zones {
    timeZones { name cities utcOffset }
  }
`),S=c(`
  query OtherSchedules($slug: String!, $productId: ID!) {
    tenant(slug: $slug) {
      id
      upcoming(first: 6, productId: $productId) { nodes { id scheduledFor timeZone status waitReason } }
    }
  }
`),C=c(`
    mutation ScheduleGoLive($input: ScheduleGoLiveInput!) {
      scheduleGoLive(input: $input) {
        deployment {
          id
          status
          waitReason
          scheduledFor
          timeZone
          product { id scheduledCount nextScheduled { id scheduledFor timeZone status waitReason kind } }
        }
        validation { ok results { ...CheckPart } }
        timeCandidates { instant utcOffset disambiguation }
        userErrors { code message field }
      }
    }
  `,[v]),w=c(`
  mutation Reschedule($input: RescheduleDeploymentInput!) {
    rescheduleDeployment(input: $input) {
      deployment { id status waitReason scheduledFor timeZone localTime version lastChange { by at what } }
      timeCandidates { instant utcOffset disambiguation }
      userErrors { code message field }
    }
  }
`),T=c(`
  query NewestVersion($id: ID!) {
    deployment(id: $id) { id version scheduledFor timeZone lastChange { by at what } }
  }
`),E=e({ZoneField:()=>j}),D=o(),O=e=>e.normalize(`NFD`).replace(/\p{M}/gu,``).toLowerCase().replaceAll(`_`,` `);function k(e,t){let n=[i(e.name),...e.cities].map(O);return n.some(e=>e.startsWith(t))?0:n.some(e=>e.includes(t))||O(e.name).includes(t)?1:2}function A(e,t){let n=O(t.trim());return e.map(e=>({zone:e,rank:n?k(e,n):1})).filter(e=>e.rank<2).sort((e,t)=>e.rank-t.rank).slice(0,40).map(e=>e.zone)}function j({value:e,onChange:t,label:i=a.zone}){let{data:o}=r(x,{},{policy:`cache-first`}),[s,c]=(0,y.useState)(null),v=(0,y.useMemo)(()=>o?.timeZones??[{name:e,cities:[],utcOffset:``}],[o,e]),b=(0,y.useMemo)(()=>A(v,s??``).map(e=>({id:e.name,zone:e})),[v,s]);return(0,D.jsxs)(m,{items:b,inputValue:s??M(e),onInputChange:t=>c(t===M(e)?null:t),selectedKey:e,onSelectionChange:e=>{c(null),e&&t(String(e))},onOpenChange:e=>!e&&c(null),menuTrigger:`focus`,allowsEmptyCollection:!0,className:`grid gap-1.5`,children:[(0,D.jsx)(_,{className:`text-sm font-medium`,children:i}),(0,D.jsxs)(h,{className:`relative`,children:[(0,D.jsx)(g,{className:`${l} pr-9`}),(0,D.jsx)(u,{className:`absolute inset-y-0 right-0 grid w-9 place-items-center text-ink-3`,children:(0,D.jsx)(n,{"aria-hidden":!0,size:14})})]}),(0,D.jsx)(f,{className:`fade w-(--trigger-width) overflow-auto rounded-panel bg-raised p-1.5 shadow-float`,children:(0,D.jsx)(p,{className:`max-h-64 overflow-auto outline-none`,renderEmptyState:()=>(0,D.jsx)(`p`,{className:`px-2.5 py-2 text-ink-2`,children:a.zoneNone}),children:({id:e,zone:t})=>(0,D.jsxs)(d,{id:e,textValue:M(e),className:`flex min-h-9 cursor-pointer items-center gap-2 rounded-control px-2.5 outline-none data-[focused]:bg-sunken`,children:[(0,D.jsxs)(`span`,{className:`min-w-0 grow truncate`,children:[N(t,s),(0,D.jsx)(`span`,{className:`ml-2 text-xs text-ink-3`,children:t.name})]}),(0,D.jsx)(`span`,{className:`data text-xs text-ink-3`,children:t.utcOffset})]})})})]})}var M=e=>i(e);function N(e,t){let n=O(t?.trim()??``),r=i(e.name);return!n||O(r).startsWith(n)?r:e.cities.find(e=>O(e).startsWith(n))??r}export{b as a,S as i,E as n,w as o,T as r,C as s,j as t};