"""Fetching official statistics: one module for each way of publishing, and the only code that uses the network.

`registry` says what can be fetched and how it becomes our columns, `http` asks politely, `odata4`, `odata3` and
`spreadsheet` speak a publisher's language, `arrival` checks what came before anything is written, and `fetch` makes a
snapshot of it.
"""
