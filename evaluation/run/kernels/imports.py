"""What the process imports that kernels are forked from; importing this module does it, and nothing else.

A figure of each kind is made once, as plotly imports the parts of a figure only when they are first used, and babel
reads how Dutch writes numbers and dates.  All that is then kept out of the garbage collector's rounds, so that no
kernel visits it, and copies it, again.
"""

import atexit
import datetime
import gc

import babel.dates
import babel.numbers
import comm
import duckdb
import highspy
import ipykernel.ipkernel
import ipykernel.kernelapp
import IPython.core.completer
import IPython.core.completerlib
import IPython.core.debugger
import IPython.core.logger
import IPython.core.oinspect
import IPython.extensions.storemagic
import nbformat
import pandas as pd
import plotly.graph_objects as go
import pydantic
import scipy.stats
import statsmodels.regression.linear_model
import tornado.locks
import tornado.platform.asyncio
import tornado.queues
import yaml

pd.get_dummies(pd.Series(["a"]))
babel.numbers.format_decimal(1.5, locale="nl")
babel.dates.format_date(datetime.date(2019, 1, 1), locale="nl")
figure = go.Figure([go.Scatter(x=[1], y=[1]), go.Bar(x=[1], y=[1]), go.Heatmap(z=[[1]])])
figure.update_layout(template="none", legend={"x": 1}, hoverlabel={"font": {"size": 9}}, margin={"t": 1})
figure.update_xaxes(title="x")
figure.add_annotation(text="x", font={"size": 9})
figure.add_shape(type="line", line={"width": 1})
figure.to_plotly_json()
del figure

gc.freeze()
atexit.register(gc.unfreeze)
