"""Further words of the report in an evidence bundle, by language: archive, origin of media, exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Texts = Mapping[str, str]

TERMS: Final[Mapping[str, Texts]] = {
    "en": {
        "no_picture": "This report shows no picture of the media, not even blurred.",
        "no_media": "The archive holds the fingerprints; no face vectors and no media are in it.",
        "with_media": "The archive holds the fingerprints and no face vectors. On request it also holds"
        " media, ciphered for the recipients whom media.json names; the SHA-256 of each is stated before and"
        " after ciphering.",
        "stamped": "A time-stamping authority (RFC 3161) has stamped the signature of the archive:"
        " manifest.tsr proves that it was there at the time stated. All other times are those of the"
        " registry's clock.",
        "unstamped": "Times are those of the registry's clock; no time stamp of a third party is in this"
        " archive.",
        "found_file": "File looked up (SHA-256)",
        "brought": "Exhibits brought",
        "brought_by": "Brought by",
        "made": "Made",
        "origin": "What the media say of their own origin (C2PA)",
        "origin_text": "Some files carry a signed statement of how they were made. A valid signature proves"
        " who signed, and that the file has not changed since; it proves nothing more. That a statement is"
        " missing proves nothing: most files have none, and copying a file often loses it.",
        "medium": "Medium",
        "manifest_state": "Signed statement",
        "signer": "Signed by",
        "generator": "Made with",
        "source_type": "Declared kind of source",
        "in_archive": "In the archive",
        "in_clear": "yes, as the file had it",
        "in_cipher": "only ciphered, since it may hold small pictures",
        "not_in": "no",
        "trusted": "there is one, signed by somebody whom this registry trusts",
        "valid": "there is one whose signature holds; this registry does not know the signer",
        "invalid": "there is one that does not hold: file or statement were altered, or it is badly signed",
        "absent": "there is none",
        "unreadable": "there is one that could not be read",
        "unread": "nobody looked for one",
        "way_email": "by e-mail",
        "way_api": "by the platform's interface",
        "way_paper": "on paper, or by its form",
        "waiting": "prepared, not handed over",
        "sending": "an attempt has begun",
        "handing": "being transmitted",
        "handed_over": "handed over",
        "delivered": "delivered",
        "not_recorded": "not recorded",
        "by_word": "by the word of {who}; no proof was given",
        "with_proof": "by {who}, with a proof (SHA-256):",
        "by_server": "the mail server took it over",
        "by_api": "the platform's interface took it",
        "with_receipt": "by {who}, with a receipt (SHA-256):",
        "despite": "Gone on with although the entry was disputed",
        "unsure": "it is not known whether it arrived",
        "dead": "not handed over: given up",
        "stopped": "stopped",
    },
    "es": {
        "no_picture": "Este informe no muestra ninguna imagen de los medios, ni siquiera difuminada.",
        "no_media": "El archivo contiene las huellas; no contiene vectores faciales ni los medios.",
        "with_media": "El archivo contiene las huellas y ningún vector facial. A petición contiene también"
        " medios, cifrados para los destinatarios que nombra media.json; consta el SHA-256 de cada uno antes"
        " y después del cifrado.",
        "stamped": "Una autoridad de sellado de tiempo (RFC 3161) ha sellado la firma del archivo:"
        " manifest.tsr prueba que existía en el momento indicado. Las demás horas son las del reloj del"
        " registro.",
        "unstamped": "Las horas son las del reloj del registro; el archivo no contiene sello de tiempo de un"
        " tercero.",
        "found_file": "Fichero consultado (SHA-256)",
        "brought": "Piezas aportadas",
        "brought_by": "Aportada por",
        "made": "Fecha",
        "origin": "Qué declaran los medios sobre su propio origen (C2PA)",
        "origin_text": "Algunos ficheros llevan una declaración firmada de cómo se hicieron. Una firma válida"
        " prueba quién firmó y que el fichero no ha cambiado desde entonces; no prueba nada más. Que falte la"
        " declaración no prueba nada: la mayoría de los ficheros no la tienen, y al copiarlos suele"
        " perderse.",
        "medium": "Medio",
        "manifest_state": "Declaración firmada",
        "signer": "Firmada por",
        "generator": "Hecho con",
        "source_type": "Tipo de origen declarado",
        "in_archive": "En el archivo",
        "in_clear": "sí, tal como la llevaba el fichero",
        "in_cipher": "solo cifrada, porque puede contener imágenes pequeñas",
        "not_in": "no",
        "trusted": "la hay, firmada por alguien en quien este registro confía",
        "valid": "la hay y su firma es correcta; este registro no conoce al firmante",
        "invalid": "la hay y no es válida: se alteró el fichero o la declaración, o la firma es incorrecta",
        "absent": "no la hay",
        "unreadable": "la hay, pero no pudo leerse",
        "unread": "nadie la buscó",
        "way_email": "por correo electrónico",
        "way_api": "por la interfaz de la plataforma",
        "way_paper": "en papel o por su formulario",
        "waiting": "preparada, sin remitir",
        "sending": "intento en curso",
        "handing": "en transmisión",
        "handed_over": "remitida",
        "delivered": "entregada",
        "not_recorded": "no consta",
        "by_word": "según {who}; no se aportó prueba",
        "with_proof": "según {who}, con prueba (SHA-256):",
        "by_server": "la recogió el servidor de correo",
        "by_api": "la recogió la interfaz de la plataforma",
        "with_receipt": "según {who}, con acuse de recibo (SHA-256):",
        "despite": "Se siguió adelante pese a la impugnación del registro",
        "unsure": "no se sabe si llegó",
        "dead": "no remitida: se desistió",
        "stopped": "detenida",
    },
    "fr": {
        "no_picture": "Ce rapport ne montre aucune image des médias, même floutée.",
        "no_media": "L'archive contient les empreintes ; elle ne contient ni vecteurs de visage ni les"
        " médias.",
        "with_media": "L'archive contient les empreintes et aucun vecteur de visage. Sur demande, elle"
        " contient aussi des médias, chiffrés pour les destinataires que nomme media.json ; le SHA-256 de"
        " chacun est indiqué avant et après chiffrement.",
        "stamped": "Une autorité d'horodatage (RFC 3161) a horodaté la signature de l'archive : manifest.tsr"
        " prouve qu'elle existait à l'heure indiquée. Les autres heures sont celles de l'horloge du"
        " registre.",
        "unstamped": "Les heures sont celles de l'horloge du registre ; l'archive ne contient pas"
        " d'horodatage d'un tiers.",
        "found_file": "Fichier recherché (SHA-256)",
        "brought": "Pièces apportées",
        "brought_by": "Apportée par",
        "made": "Date",
        "origin": "Ce que les médias déclarent de leur origine (C2PA)",
        "origin_text": "Certains fichiers portent une déclaration signée de leur fabrication. Une signature"
        " valide prouve qui a signé et que le fichier n'a pas changé depuis ; elle ne prouve rien de plus."
        " Son absence ne prouve rien : la plupart des fichiers n'en ont pas, et la copie la fait souvent"
        " perdre.",
        "medium": "Média",
        "manifest_state": "Déclaration signée",
        "signer": "Signée par",
        "generator": "Fait avec",
        "source_type": "Type de source déclaré",
        "in_archive": "Dans l'archive",
        "in_clear": "oui, telle que le fichier la portait",
        "in_cipher": "seulement chiffrée, car elle peut contenir de petites images",
        "not_in": "non",
        "trusted": "il y en a une, signée par quelqu'un à qui ce registre se fie",
        "valid": "il y en a une dont la signature est bonne ; ce registre ne connaît pas le signataire",
        "invalid": "il y en a une qui n'est pas valable : fichier ou déclaration modifiés, ou mal signée",
        "absent": "il n'y en a pas",
        "unreadable": "il y en a une, illisible",
        "unread": "personne ne l'a cherchée",
        "way_email": "par courriel",
        "way_api": "par l'interface de la plateforme",
        "way_paper": "sur papier, ou par son formulaire",
        "waiting": "préparée, non remise",
        "sending": "tentative commencée",
        "handing": "en cours de transmission",
        "handed_over": "remise",
        "delivered": "reçue",
        "not_recorded": "non consignée",
        "by_word": "selon {who} ; aucune preuve n'a été fournie",
        "with_proof": "selon {who}, avec une preuve (SHA-256) :",
        "by_server": "prise en charge par le serveur de courriel",
        "by_api": "prise en charge par l'interface de la plateforme",
        "with_receipt": "selon {who}, avec un accusé de réception (SHA-256) :",
        "despite": "Poursuivie bien que l'entrée soit contestée",
        "unsure": "on ignore si elle est arrivée",
        "dead": "non remise : abandonnée",
        "stopped": "arrêtée",
    },
    "ar": {
        "no_picture": "لا يعرض هذا التقرير أي صورة من الوسائط، ولو مموّهة.",
        "no_media": "يحتوي الأرشيف على البصمات، ولا يحتوي على متجهات للوجوه ولا على الوسائط نفسها.",
        "with_media": "يحتوي الأرشيف على البصمات دون أي متجهات للوجوه. وبناء على طلب صريح يحتوي أيضا على"
        " وسائط مشفّرة للمستلمين المذكورين في media.json، مع بيان بصمة SHA-256 لكل منها قبل التشفير وبعده.",
        "stamped": "ختمت جهة مختصة بالختم الزمني (RFC 3161) توقيع الأرشيف: يثبت manifest.tsr أنه كان موجودا"
        " في الوقت المذكور. أما بقية الأوقات فهي أوقات ساعة السجل.",
        "unstamped": "الأوقات هي أوقات ساعة السجل، ولا يحتوي الأرشيف على ختم زمني من طرف ثالث.",
        "found_file": "الملف الذي فُحص (SHA-256)",
        "brought": "المستندات المقدَّمة",
        "brought_by": "قدّمه",
        "made": "التاريخ",
        "origin": "ما تصرّح به الوسائط عن مصدرها (C2PA)",
        "origin_text": "تحمل بعض الملفات بيانا موقّعا عن كيفية صنعها. والتوقيع الصحيح يثبت من وقّع وأن الملف"
        " لم يتغير منذ ذلك، ولا يثبت أكثر من ذلك. وغياب البيان لا يثبت شيئا: فمعظم الملفات لا تحمله، وكثيرا"
        " ما يُفقد عند نسخها.",
        "medium": "الوسيط",
        "manifest_state": "البيان الموقّع",
        "signer": "وقّعه",
        "generator": "صُنع بواسطة",
        "source_type": "نوع المصدر المصرَّح به",
        "in_archive": "في الأرشيف",
        "in_clear": "نعم، كما ورد في الملف",
        "in_cipher": "مشفّرا فقط، إذ قد يحتوي على صور صغيرة",
        "not_in": "لا",
        "trusted": "موجود، ووقّعه من يثق به هذا السجل",
        "valid": "موجود وتوقيعه صحيح، ولا يعرف هذا السجل الموقّع",
        "invalid": "موجود لكنه غير صالح: عُدّل الملف أو البيان، أو التوقيع غير صحيح",
        "absent": "غير موجود",
        "unreadable": "موجود وتعذرت قراءته",
        "unread": "لم يبحث عنه أحد",
        "way_email": "بالبريد الإلكتروني",
        "way_api": "عبر واجهة المنصة",
        "way_paper": "على ورق أو عبر نموذجها",
        "waiting": "أُعدّ ولم يُسلَّم للإرسال",
        "sending": "بدأت محاولة",
        "handing": "قيد الإرسال",
        "handed_over": "سُلّم للإرسال",
        "delivered": "وصل",
        "not_recorded": "غير مسجّل",
        "by_word": "بحسب قول {who}، ولم يُقدَّم إثبات",
        "with_proof": "بحسب {who} مع إثبات (SHA-256):",
        "by_server": "تسلّمه خادم البريد",
        "by_api": "تسلّمته واجهة المنصة",
        "with_receipt": "بحسب {who} مع إشعار بالوصول (SHA-256):",
        "despite": "استُمرّ رغم الاعتراض على السجل",
        "unsure": "لا يُعرف هل وصل",
        "dead": "لم يُسلَّم: تُرك",
        "stopped": "أُوقف",
    },
}

TIERS: Final[Mapping[str, Texts]] = {
    "en": {
        "unreviewed": "not reviewed",
        "reviewed": "reviewed",
        "court_order": "established by a court order",
    },
    "es": {
        "unreviewed": "sin revisar",
        "reviewed": "revisada",
        "court_order": "establecida por resolución judicial",
    },
    "fr": {
        "unreviewed": "non contrôlé",
        "reviewed": "contrôlé",
        "court_order": "établi par décision de justice",
    },
    "ar": {
        "unreviewed": "لم تُراجع",
        "reviewed": "تمت مراجعتها",
        "court_order": "ثابتة بأمر قضائي",
    },
}

KINDS: Final[Mapping[str, Texts]] = {
    "en": {
        "screenshot": "Screenshot",
        "media": "Media found there",
        "document": "Document",
        "other": "Other",
        "found": "File that was looked up",
    },
    "es": {
        "screenshot": "Captura de pantalla",
        "media": "Medio hallado allí",
        "document": "Documento",
        "other": "Otra pieza",
        "found": "Fichero consultado",
    },
    "fr": {
        "screenshot": "Capture d'écran",
        "media": "Média trouvé à cet endroit",
        "document": "Document",
        "other": "Autre pièce",
        "found": "Fichier recherché",
    },
    "ar": {
        "screenshot": "لقطة شاشة",
        "media": "وسيط عُثر عليه هناك",
        "document": "وثيقة",
        "other": "مستند آخر",
        "found": "الملف الذي فُحص",
    },
}
"""Kinds of exhibits that people bring, and of files that lookups were about."""
