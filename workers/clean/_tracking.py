"""Query parameters that say where a visitor came from, not which posting is meant."""

from __future__ import annotations

from urllib.parse import unquote_plus

_PREFIXES = (
    *("utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "_hs", "__hs", "mc_", "oly_", "vero_", "ga_", "itm_", "wt."),
    *("wt_", "at_", "guce_", "gad_", "fb_", "__cft__", "__tn__", "lever-", "__jvs", "dcr_", "aspsessionid"),
)
_ADVERTISING = """
    gclid gclsrc fbclid msclkid dclid yclid ysclid twclid ttclid li_fat_id igshid igsh gbraid wbraid epik irclickid
    irgwc cjevent cjdata ef_id s_kwcid rb_clickid zanpid sc_cid s_cid cmpid cmpgn icid intcid ncid ocid mkt_tok dm_i _ga
    _gl _gac _ke _kx _openstat _branch_match_id srsltid mibextid wickedid hsctatracking soc_src soc_trk spm ref_src
    ref_url referer referrer refid trackingid trk trkinfo trkemail lipi midtoken midsig ranmid raneaid ransiteid"""
_BOARDS = """
    gh_src ashby_src shared_id trid _pc sns_id mescoid jobboardsource job_board_source applysource apply_source
    so_source so_medium impressionid searchid rltr zrclid"""
_SESSIONS = " phpsessid jsessionid cfid cftoken sessionid _s.crb"
_ANYWHERE = frozenset((_ADVERTISING + _BOARDS + _SESSIONS).split())
# Tracking when a word follows, but "?ref=4711" is a posting's number
_PERHAPS = frozenset("ref source src campaign medium from via origin channel".split())
# Short names that mean this on these hosts alone
_BY_HOST = {
    "linkedin": "position pagenum ebp recommendedflavor originalsubdomain alternatechannel otptoken",
    "indeed": "tk vjs advn adid sjdu xkcb camk pub atk xpse xfps rjs jsa ad hl acatk fccid",
    "glassdoor": "pos ao s guid t vt uido cs cb ctt tgt jrtk ea",
    "ziprecruiter": "lvk tsid mid",
    "greenhouse": "t",
    "icims": "mobile width height bga needsredirect jan1offset jun1offset in_iframe hashed iis iisn",
    "jobvite": "s nl jvi jvk",
    "smartrecruiters": "oga sid",
    "jooble": "ckey rgn pos elckey p sid age relb brelb bscr scr iid",
    "jobs": "rps",
}
_AT_HOST = {site: frozenset(names.split()) for site, names in _BY_HOST.items()}


def is_tracking(name: str, value: str, host: str) -> bool:
    """Whether `name=value` in an address at `host` may be left out without meaning another posting."""
    plain = unquote_plus(name).lower().removesuffix("[]")
    if plain in _PERHAPS:
        return not any(c.isdigit() for c in value)
    if plain in _ANYWHERE or plain.startswith(_PREFIXES):
        return True
    return any(plain in _AT_HOST.get(label, ()) for label in host.split(".")[:-1])
