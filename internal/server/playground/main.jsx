import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import 'graphiql/graphiql.css'
import { createClient } from 'graphql-ws'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import './playground.css'

const storedAs = 'golive-playground-token'

const firstQuery = `# Paste an API token above, then run this with Ctrl-Enter.
query Products {
  viewer {
    email
    memberships {
      role
      tenant {
        id
        slug
        products(first: 20) {
          nodes { id name liveStatus lastDeployment { id status } }
        }
      }
    }
  }
}

# To go live, take a product's id from the answer:
#
# mutation GoLive {
#   goLive(input: { productId: "…" }) {
#     deployment { id status }
#     userErrors { code message }
#   }
# }
#
# and watch it with the deployment's id:
#
# subscription Progress {
#   deploymentProgress(deploymentId: "…") { sequence percentage message status terminal }
# }
`

// Beside this page, wherever that is: a proxy may serve all of it below a path.
const address = new URL('graphql', location.href).href

const authorization = () => {
  const token = sessionStorage.getItem(storedAs)
  return token ? { Authorization: `Bearer ${token}` } : {}
}

// The token goes by header, and in the first message of a socket: browsers cannot
// set headers on those. Both read it when they need it, because a new fetcher
// would fetch the whole schema again with every key that is pressed.
const fetcher = createGraphiQLFetcher({
  url: address,
  fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...authorization() } }),
  wsClient: createClient({ url: address.replace(/^http/, 'ws'), connectionParams: authorization }),
})

function Playground() {
  const [token, setToken] = useState(sessionStorage.getItem(storedAs) ?? '')
  const change = (event) => {
    const text = event.target.value.trim().replace(/^bearer\s+/i, '')
    sessionStorage.setItem(storedAs, text)
    setToken(text)
  }
  return (
    <>
      <header className="golive-token">
        <a href="./">Golive</a>
        <label htmlFor="token">Authorization: Bearer</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck="false"
          placeholder="glt_…"
          value={token}
          onChange={change}
        />
        <span>Kept in this tab until it closes.</span>
      </header>
      <main className="golive-graphiql">
        <GraphiQL fetcher={fetcher} defaultQuery={firstQuery} isHeadersEditorEnabled={false} />
      </main>
    </>
  )
}

createRoot(document.getElementById('root')).render(<Playground />)
