"""What a cell may not do, as people write it, and what ordinary analysis does: the guards know them apart."""

import ast

import pytest

from evaluation.run.notebook_guard import CLOCK, DESK, FIGURES, NO_SHELL, OWN_FILE, SEED, SHOWN, STATE, guard

REFUSED = {
    "alias": ("import pandas as p\nr = p.read_csv\nr('x.csv')", FIGURES),
    "from as": ("from pandas import read_csv as r\nr('x')", FIGURES),
    "getattr": ("import pandas as pd\ngetattr(pd, 'read_csv')('x')", FIGURES),
    "map": ("import pandas as pd\nlist(map(pd.read_excel, ['a.xlsx']))", FIGURES),
    "pathlib": ("from pathlib import Path\nPath('x').read_text()", FIGURES),
    "read_text": ("bestand.read_text()", FIGURES),
    "open": ("with open('x') as f:\n    f.read()", FIGURES),
    "open alias": ("lees = open\nlees('x')", FIGURES),
    "np legacy": ("import numpy as np\nnp.random.seed(1)\nnp.random.normal()", SEED),
    "np alias": ("import numpy as np\nrandom = np.random\nrandom.normal()", SEED),
    "np from": ("from numpy.random import normal", SEED),
    "rng": ("import numpy as np\nrng = np.random.default_rng()", SEED),
    "rng none": ("from numpy.random import default_rng as g\ng(None)", SEED),
    "sample": ("df.sample(5)", STATE),
    "rvs": ("from scipy import stats\nstats.norm.rvs(size=3)", STATE),
    "boot": ("from scipy.stats import bootstrap\nbootstrap((x,), f)", STATE),
    "dt now": ("from datetime import datetime, timezone\ndatetime.now(timezone.utc)", CLOCK),
    "dt alias": ("import datetime as dt\nnu = dt.datetime.now\nnu()", CLOCK),
    "today": ("from datetime import date\ndate.today().year", CLOCK),
    "pd ts": ("import pandas as pd\npd.Timestamp('now')", CLOCK),
    "to_datetime": ("import pandas as pd\npd.to_datetime('today')", CLOCK),
    "np64": ("import numpy as np\nnp.datetime64('today')", CLOCK),
    "time": ("import time\ntime.time()", CLOCK),
    "os": ("import os\nos.environ['X']", NO_SHELL),
    "os via": ("import pandas as pd\npd.io.common.os.environ", NO_SHELL),
    "os via from": ("from pandas.io.common import os", NO_SHELL),
    "sys mod": ("import datetime\ndatetime.sys.modules['time'].time()", NO_SHELL),
    "subprocess": ("import subprocess\nsubprocess.run(['ls'])", NO_SHELL),
    "importlib": ("import importlib\nimportlib.import_module('requests').get('https://x')", NO_SHELL),
    "__import__": ("__import__('requests').get('https://x')", NO_SHELL),
    "eval": ("eval('1+1')", NO_SHELL),
    "eval alias": ("e = eval\ne('1')", NO_SHELL),
    "builtins": ("__builtins__.open('x')", NO_SHELL),
    "requests": ("import requests", FIGURES),
    "urllib": ("from urllib.request import urlopen", FIGURES),
    "rdataset": ("import statsmodels.api as sm\nsm.datasets.get_rdataset('Duncan')", FIGURES),
    "geojson": ("import plotly.express as px\npx.choropleth(df, geojson='https://x.nl/a.json')", FIGURES),
    "abs": ("x = '/home/jan/data.csv'", OWN_FILE),
    "win": ("x = r'C:\\Users\\jan'", OWN_FILE),
    "fstr": ("x = f'/home/{jan}/a.csv'", OWN_FILE),
    "tilde": ("x='~/x.csv'", OWN_FILE),
    "to_csv": ("df.to_csv('x.csv')", SHOWN),
    "savefig": ("fig.savefig('x.png')", SHOWN),
    "write": ("fig.write_html('x.html')", SHOWN),
    "np save": ("import numpy as np\nnp.save('x', a)", SHOWN),
    "getipython": ("get_ipython().system('ls')", NO_SHELL),
    "own paths": ("from evaluation.base.paths import project_root\n(project_root() / 'x').read_text()", DESK),
    "own cli": ("from evaluation.statistics.sources import fetch", DESK),
    "own from": ("from evaluation import run", DESK),
    "loadtxt": ("import numpy as np\nnp.loadtxt('x')", FIGURES),
    "random": ("import random\nrandom.random()", SEED),
    "getattr method": ("getattr(df, 'to_csv')('x')", SHOWN),
    "clock method": ("klok.now()", CLOCK),
    "imread": ("import matplotlib.pyplot as plt\nplt.imread('x.png')", FIGURES),
    "walrus": ("import pandas as pd\n(r := pd.read_json)('x')", FIGURES),
}

ORDINARY = r"""
import pandas as pd
t = df.groupby('unit')['value'].agg(['mean', 'max']).reset_index()

breed = df.pivot_table(index='period', columns='unit', values='value')
breed.loc[2018:, 'a'].plot

eigen = jaar.file('reistijd.csv', sep=';')
m = df.merge(eigen, on='unit')

import statsmodels.formula.api as smf
fit = smf.ols('y ~ x + C(period)', df).fit(cov_type='HC1')
print(fit.summary())

import plotly.express as px
fig = px.scatter(df, x='x', y='y', trendline='ols')
fig.update_layout(height=400)

from plotly.subplots import make_subplots
import plotly.graph_objects as go
f = make_subplots(rows=1, cols=2)
f.add_trace(go.Candlestick(open=[1], close=[2]))

import numpy as np
rng = np.random.default_rng(7)
x = rng.normal(size=10)
rng.shuffle(x)
rng.random(3)

df.sample(5, random_state=1)
df.sample(frac=1, random_state=rng)

import pandas as pd
from datetime import date
d = date(year, 12, 31)
pd.Timestamp('2021-12-31') - pd.Timestamp(d)
pd.to_datetime(df['dag']).dt.time

df['time'] = df.time + 1
time = df['time']
today = d
today.year

open, dicht = df['open'], df['dicht']
open.sum()

titel = 'per 1.000/jaar'
pad = 'a/b/c'
eenheid = 'm/s'
regex = r'\d+/\d+'
latex = r'$\frac{a}{b}$'

show(fig, numbers=df, value='y', measure='eigen', source='https://opendata.cbs.nl/statline')

show('Zie [CBS](https://www.cbs.nl/nl-nl) voor de methode.')

def groei(frame, year):
    basis = frame['value'].iloc[0]
    return frame.assign(groei=lambda d: d['value'] / basis)

from dataclasses import dataclass
@dataclass
class Maat:
    naam: str
    jaar: int = 2021

reeksen = {jaar_: [x for x in range(jaar_)] for jaar_ in range(2018, year + 1)}

per_jaar = {year: df[df['period'] == year]['value'].sum() for year in range(2018, 2022)}

import warnings
warnings.filterwarnings('ignore')
import pandas as pd
with pd.option_context('display.max_rows', 5):
    print(df.head())

import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(6, 4))
ax.plot([1], [2])
plt.close(fig)

from scipy import stats
stats.ttest_ind(a, b, equal_var=False)
stats.norm.cdf(1.96)
stats.bootstrap((a,), np.mean, random_state=3)

print(df.to_string())
print(df.to_markdown())
html = df.to_html()
x = df.to_csv(index=False)
df.to_numpy(), df.to_dict(), df.to_frame()

from own.reeksen import indexeer, read_csv
indexeer(df)
read_csv('x')

df.eval('a + b')
df.query('period > 2018 and unit == "x"')

from IPython.display import Markdown, Latex, display
display(Markdown('x'))
Latex('$x$')

reeks.resample('YE').mean()
reeks.rolling(3).mean()
reeks.shift(1)
reeks.ewm(span=3).mean()

import json, re
json.dumps({'a': 1})
re.sub('a', 'b', 'c')

from collections import Counter
from functools import reduce
from itertools import product
Counter(df['unit'])

df.style.format('{:.1f}').background_gradient()
pd.io.formats.style.Styler(df)

import plotly.io as pio
pio.templates.default = 'plotly_white'

import statsmodels.api as sm
X = sm.add_constant(df[['x']])
sm.OLS(df['y'], X).fit().params
"""
"""Cells as analysts write them, a blank line between each."""


def found(source: str) -> list[tuple[int, str, str]]:
    return [finding for _, finding in guard([ast.parse(source)])]


@pytest.mark.parametrize("case", REFUSED)
def test_what_another_machine_day_or_network_would_change_is_refused_with_what_to_do(case):
    source, expected = REFUSED[case]
    lines = [line for line, _, way in found(source) if way == expected]
    assert lines and all(1 <= line <= source.count("\n") + 1 for line in lines), found(source)


@pytest.mark.parametrize("case", ORDINARY.strip().split("\n\n"), ids=lambda case: case.splitlines()[0][:40])
def test_ordinary_analysis_is_not_refused(case):
    assert found(case) == []


def test_an_alias_of_one_cell_is_known_in_the_next_and_a_mistake_is_told_once_a_line():
    cells = [ast.parse("import pandas as pd\nlees = pd.read_csv"), ast.parse("lees('a'), lees('b')")]
    assert [(place, line, what) for place, (line, what, _) in guard(cells)] == [(0, 2, "pd.read_csv"), (1, 1, "lees")]
