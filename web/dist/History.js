import{r as e}from"./rolldown-runtime.js";import{C as t,Ct as n,E as r,Lt as i,S as a,a as o,c as s,d as c,h as l,ht as u,m as d,n as f,p,r as m,s as h}from"./shared.js";import{t as g}from"./deployment.js";import{I as _,O as v,U as y,_ as b,a as x,b as S,n as C,p as w,t as T}from"./index.js";import{t as E}from"./download.js";import{t as D}from"./SearchField.js";var O=e(i(),1);function k(e){let t=e??``,n=/^[=+\-@\t\r]/.test(t)?`'${t}`:t;return/[",\n\r]/.test(n)?`"${n.replaceAll(`"`,`""`)}"`:n}function A(e){return[[`id`,`product`,`kind`,`trigger`,`status`,`words`,`requested_by`,`reason`,`created_at`,`started_at`,`finished_at`],...e.map(e=>[e.id,e.product?.name??g.aDeployment,e.kind,e.trigger,e.status,_(e).word,e.requestedBy,e.reason,e.createdAt,e.startedAt,e.finishedAt])].map(e=>`${e.map(k).join(`,`)}\r\n`).join(``)}var j=a(`
  query History($slug: String!, $first: Int!, $after: String, $status: [DeploymentStatus!], $since: DateTime, $search: String) {
    tenant(slug: $slug) {
      id
      deployments(first: $first, after: $after, status: $status, since: $since, search: $search) {
        nodes {
          id
          kind
          trigger
          status
          waitReason
          liveOutcome
          turningBack
          cancelRequestedAt
          requestedBy
          reason
          createdAt
          startedAt
          finishedAt
          product { id name }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`),M=n(),N=[`live`,`failed`,`cancelled`,`rolledBack`,`running`],P={live:[`COMPLETED`],failed:[`FAILED`],cancelled:[`CANCELLED`],rolledBack:[`ROLLED_BACK`],running:[`PENDING`,`VALIDATING`,`DEPLOYING`]},F=Object.values(P).flat();function I(){let{tenant:e}=C(),{q:n,show:i,since:a}=y({from:`/t/$tenant/deployments`});s(i?`${t[i]} · ${t.title}`:t.title);let[c,d]=(0,O.useState)(null),f=`${n} ${i} ${a}`,[h,g]=(0,O.useState)(f);h!==f&&(g(f),d(null));let _=i?P[i]:F,b=v(j,{slug:e.slug,first:50,after:c,status:_,since:a??null,search:n??null}),w=b.data?.tenant?.deployments.nodes??[];return(0,M.jsxs)(M.Fragment,{children:[(0,M.jsx)(m,{title:t.title,acts:(0,M.jsx)(z,{rows:w})}),(0,M.jsxs)(`div`,{className:`mb-3 flex flex-wrap items-center justify-between gap-3`,children:[(0,M.jsx)(`nav`,{"aria-label":t.filter,className:`-mx-4 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1`,children:[void 0,...N].map(e=>(0,M.jsx)(u,{from:`/t/$tenant/deployments`,to:`.`,search:t=>({...t,show:e}),replace:!0,"aria-current":i===e||void 0,className:l(`flex min-h-9 items-center whitespace-nowrap rounded-full px-3 text-table font-medium`,i===e?`bg-ink text-canvas`:`text-ink-2 hover:bg-sunken hover:text-ink`),children:e?t[e]:t.any},e??`any`))}),(0,M.jsx)(D,{q:n,label:t.search,className:`sm:w-64`})]}),(0,M.jsx)(o,{children:(0,M.jsx)(S,{...b,skeleton:(0,M.jsx)(`div`,{className:`px-4`,children:(0,M.jsx)(x,{n:8,label:r.loading})}),children:({tenant:e})=>e&&e.deployments.nodes.length>0?(0,M.jsxs)(M.Fragment,{children:[(0,M.jsx)(R,{rows:e.deployments.nodes}),e.deployments.pageInfo.hasNextPage&&(0,M.jsx)(`div`,{className:`border-t border-hairline p-3 text-center`,children:(0,M.jsx)(p,{kind:`quiet`,busy:b.loading,onPress:()=>d(e.deployments.pageInfo.endCursor),children:t.older})})]}):(0,M.jsx)(L,{filtered:!!(n||i||a)})})})]})}function L({filtered:e}){return e?(0,M.jsx)(c,{title:t.noHit,act:(0,M.jsx)(u,{from:`/t/$tenant/deployments`,to:`.`,search:{},className:d(),children:t.clear})}):(0,M.jsx)(c,{title:t.emptyTitle,children:t.emptyText})}function R({rows:e}){let{tenant:n}=C(),r=T();return(0,M.jsx)(`ul`,{className:`divide-y divide-hairline`,children:e.map(e=>(0,M.jsx)(`li`,{className:`row`,children:(0,M.jsxs)(u,{to:`/t/$tenant/deployments/$id`,params:{tenant:n.slug,id:e.id},preload:!1,className:`grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas sm:grid-cols-[minmax(0,2fr)_minmax(0,1.3fr)_minmax(0,1.3fr)_7rem]`,children:[(0,M.jsxs)(`span`,{className:`min-w-0`,children:[(0,M.jsx)(`span`,{className:`block truncate font-semibold`,children:e.product?.name??g.aDeployment}),(e.reason||e.kind===`ROLLBACK`)&&(0,M.jsx)(`span`,{className:`block truncate text-xs text-ink-3`,children:e.reason??t.rollback})]}),(0,M.jsx)(h,{status:_(e)}),(0,M.jsx)(`span`,{className:`truncate text-table text-ink-2`,children:e.requestedBy}),(0,M.jsxs)(`span`,{className:`data text-right text-xs text-ink-2`,children:[(0,M.jsx)(f,{at:e.finishedAt??e.createdAt,zone:r}),e.startedAt&&e.finishedAt&&(0,M.jsx)(`span`,{className:`block text-ink-3`,children:b(w(e.startedAt,e.finishedAt))})]})]})},e.id))})}function z({rows:e}){return(0,M.jsx)(p,{icon:E,onPress:()=>{let t=document.createElement(`a`);t.href=URL.createObjectURL(new Blob([A(e)],{type:`text/csv`})),t.download=`golive-history.csv`,t.click(),URL.revokeObjectURL(t.href)},why:e.length===0?t.noHit:null,whyHidden:!0,children:t.csv})}export{I as History};