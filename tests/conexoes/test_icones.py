"""More icons than their library remembers, each drawn once."""

from importlib.resources import files
from zipfile import ZipFile

import lucide
from django.template import Context, Template

TAG = '{{% lucide "{}" size=17 aria_hidden="true" %}}'


def test_icons_beyond_what_the_library_remembers_are_not_read_again():
    with (files("lucide") / "lucide.zip").open("rb") as arquivo:
        nomes = [um.removesuffix(".svg") for um in ZipFile(arquivo).namelist()[:160]]
    pagina = Template("".join(map(TAG.format, nomes)))
    primeira = pagina.render(Context())
    lidos = lucide._load_icon.cache_info().misses

    assert pagina.render(Context()) == primeira
    assert lucide._load_icon.cache_info().misses == lidos
    assert primeira.count('<svg width="17" height="17"') == len(nomes)


def test_what_an_icon_says_is_escaped():
    pagina = Template('{% lucide "x" title=dito %}')

    desenho = pagina.render(Context({"dito": '<b> & "'}))

    assert 'title="&lt;b&gt; &amp; &quot;"' in desenho
