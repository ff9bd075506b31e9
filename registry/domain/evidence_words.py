"""The words of the report in a bundle of evidence, by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Texts = Mapping[str, str]

WORDS: Final[Mapping[str, Texts]] = {
    "en": {
        "title": "Report on evidence",
        "subtitle": "What was found where and when, how sure, how it was established, and how to check it",
        "about": "What this is about",
        "campaign": "Campaign",
        "client": "On behalf of",
        "depicted": "Person depicted",
        "signatory": "Signatory",
        "mandate": "Mandate (SHA-256 of the document)",
        "mandate_time": "Mandate holds",
        "as_of": "State of the record",
        "notices": "Notices",
        "entry": "Registered fake",
        "tier": "How far it was reviewed",
        "places": "Places at which it was found",
        "platform": "Platform",
        "place": "Address",
        "state": "State",
        "sent": "Sent",
        "due": "To act by",
        "removed": "Removed",
        "found": "How it was established",
        "seen_at": "Seen there",
        "legal": "Legal basis",
        "history": "What was done",
        "when": "When (UTC)",
        "act": "Act",
        "to": "State after it",
        "by": "By",
        "service": "the service",
        "sending": "Correspondence",
        "letter": "Notice written",
        "reply": "Reply",
        "method": "How recognition works, and how sure it is",
        "method_text": "A fingerprint is computed from the picture and the sound of a medium; it is"
        " compared with the fingerprints of registered fakes. The same medium is found again after"
        " compression, cropping, added borders or text. Confidence is the probability, between 0 and 1,"
        " that what is stated is right; it was estimated on pairs of media whose truth is known, and is"
        " never given higher than these bear out. A person confirmed each ground before its notice was"
        " sent, as stated with it.",
        "exhibits": "Exhibits, by their digests (SHA-256)",
        "exhibit": "Exhibit",
        "digest": "SHA-256",
        "check": "How to check it",
        "check_text": "Each file of the archive is named with its digest in manifest.json, which the"
        " registry has signed (manifest.sig). Each act is an event in a ledger that can"
        " only grow; ledger.json holds the proof that it is there. The command below"
        " checks all of it without a network and names the first file that is wrong."
        " Take the public key from the registry itself, not from this archive.",
        "more": "Further notices are in the archive's folder notices; they are not printed here.",
    },
    "es": {
        "title": "Informe de pruebas",
        "subtitle": "Qué se encontró, dónde y cuándo, con qué certeza, cómo se comprobó y cómo verificarlo",
        "about": "Objeto",
        "campaign": "Campaña",
        "client": "En nombre de",
        "depicted": "Persona representada",
        "signatory": "Firmante",
        "mandate": "Mandato (SHA-256 del documento)",
        "mandate_time": "Vigencia del mandato",
        "as_of": "Estado del registro",
        "notices": "Notificaciones",
        "entry": "Falsificación registrada",
        "tier": "Grado de revisión",
        "places": "Lugares donde se encontró",
        "platform": "Plataforma",
        "place": "Dirección",
        "state": "Estado",
        "sent": "Enviada",
        "due": "Plazo para actuar",
        "removed": "Retirada",
        "found": "Cómo se comprobó",
        "seen_at": "Visto allí",
        "legal": "Base jurídica",
        "history": "Actuaciones",
        "when": "Cuándo (UTC)",
        "act": "Acto",
        "to": "Estado posterior",
        "by": "Por",
        "service": "el servicio",
        "sending": "Correspondencia",
        "letter": "Notificación redactada",
        "reply": "Respuesta",
        "method": "Cómo funciona el reconocimiento y con qué certeza",
        "method_text": "De la imagen y el sonido de un medio se calcula una huella, que se compara con"
        " las huellas de las falsificaciones registradas. El mismo medio se reconoce tras compresión,"
        " recorte, bordes o texto añadidos. La confianza es la probabilidad, entre 0 y 1, de que lo"
        " indicado sea correcto; se estimó con pares de medios cuya verdad se conoce y nunca se da más"
        " alta de lo que estos respaldan. Una persona confirmó cada fundamento antes de enviar su"
        " notificación, como consta en ella.",
        "exhibits": "Piezas, por su resumen (SHA-256)",
        "exhibit": "Pieza",
        "digest": "SHA-256",
        "check": "Cómo verificarlo",
        "check_text": "Cada fichero del archivo figura con su resumen en manifest.json, firmado por"
        " el registro (manifest.sig). Cada actuación es un evento de un libro que solo"
        " puede crecer; ledger.json contiene la prueba de que está en él. La orden"
        " siguiente lo verifica todo sin conexión y nombra el primer fichero incorrecto."
        " Obtenga la clave pública del propio registro, no de este archivo.",
        "more": "Las demás notificaciones están en la carpeta notices del archivo; no se imprimen aquí.",
    },
    "fr": {
        "title": "Rapport sur les preuves",
        "subtitle": "Ce qui a été trouvé, où et quand, avec quelle certitude, comment on l'a établi"
        " et le vérifie",
        "about": "Objet",
        "campaign": "Campagne",
        "client": "Pour le compte de",
        "depicted": "Personne représentée",
        "signatory": "Signataire",
        "mandate": "Mandat (SHA-256 du document)",
        "mandate_time": "Validité du mandat",
        "as_of": "État du registre",
        "notices": "Notifications",
        "entry": "Faux enregistré",
        "tier": "Degré de contrôle",
        "places": "Endroits où il a été trouvé",
        "platform": "Plateforme",
        "place": "Adresse",
        "state": "État",
        "sent": "Envoyée",
        "due": "Délai pour agir",
        "removed": "Retirée",
        "found": "Comment cela a été établi",
        "seen_at": "Vu à cet endroit",
        "legal": "Base juridique",
        "history": "Actes accomplis",
        "when": "Quand (UTC)",
        "act": "Acte",
        "to": "État après l'acte",
        "by": "Par",
        "service": "le service",
        "sending": "Correspondance",
        "letter": "Notification rédigée",
        "reply": "Réponse",
        "method": "Comment fonctionne la reconnaissance, et avec quelle certitude",
        "method_text": "Une empreinte est calculée à partir de l'image et du son d'un média, puis"
        " comparée aux empreintes des faux enregistrés. Le même média est retrouvé après compression,"
        " recadrage, ajout de bords ou de texte. La confiance est la probabilité, entre 0 et 1, que ce"
        " qui est indiqué soit exact ; elle a été estimée sur des paires de médias dont la vérité est"
        " connue, et n'est jamais donnée plus haute que celles-ci ne le permettent. Une personne a"
        " confirmé chaque motif avant l'envoi de sa notification, comme il y est indiqué.",
        "exhibits": "Pièces, par leur condensat (SHA-256)",
        "exhibit": "Pièce",
        "digest": "SHA-256",
        "check": "Comment le vérifier",
        "check_text": "Chaque fichier de l'archive figure avec son condensat dans manifest.json, que"
        " le registre a signé (manifest.sig). Chaque acte est un événement d'un journal"
        " qui ne peut que croître ; ledger.json contient la preuve qu'il s'y trouve. La"
        " commande ci-dessous vérifie tout sans réseau et nomme le premier fichier"
        " incorrect. Prenez la clé publique auprès du registre lui-même, non dans cette"
        " archive.",
        "more": "Les autres notifications sont dans le dossier notices de l'archive ; elles ne"
        " sont pas imprimées ici.",
    },
    "ar": {
        "title": "تقرير الأدلة",
        "subtitle": "ما الذي عُثر عليه وأين ومتى، وبأي درجة من اليقين، وكيف ثبت، وكيف يمكن التحقق منه",
        "about": "الموضوع",
        "campaign": "الحملة",
        "client": "بالنيابة عن",
        "depicted": "الشخص الظاهر",
        "signatory": "الموقّع",
        "mandate": "التفويض (بصمة SHA-256 للوثيقة)",
        "mandate_time": "مدة سريان التفويض",
        "as_of": "حالة السجل",
        "notices": "الإشعارات",
        "entry": "المادة المزيفة المسجلة",
        "tier": "درجة المراجعة",
        "places": "الأماكن التي عُثر عليها فيها",
        "platform": "المنصة",
        "place": "العنوان",
        "state": "الحالة",
        "sent": "تاريخ الإرسال",
        "due": "المهلة",
        "removed": "تاريخ الإزالة",
        "found": "كيف ثبت ذلك",
        "seen_at": "شوهد هناك",
        "legal": "الأساس القانوني",
        "history": "الإجراءات المتخذة",
        "when": "الوقت (UTC)",
        "act": "الإجراء",
        "to": "الحالة بعده",
        "by": "بواسطة",
        "service": "الخدمة",
        "sending": "المراسلات",
        "letter": "الإشعار المكتوب",
        "reply": "الرد",
        "method": "كيف يعمل التعرّف وما درجة اليقين",
        "method_text": "تُحسب بصمة رقمية من صورة الوسيط وصوته، ثم تُقارن ببصمات المواد المزيفة المسجلة."
        " ويُتعرّف على الوسيط نفسه بعد الضغط أو القص أو إضافة إطار أو نص. ودرجة الثقة هي احتمال صحة ما"
        " ذُكر، بين 0 و1، وقد قُدّر على أزواج من الوسائط حقيقتها معروفة، ولا يُذكر أبدا بأعلى مما تؤيده."
        " وقد أكد شخص كل أساس قبل إرسال إشعاره كما هو مبيّن فيه.",
        "exhibits": "المستندات ببصماتها (SHA-256)",
        "exhibit": "المستند",
        "digest": "SHA-256",
        "check": "كيفية التحقق",
        "check_text": "كل ملف في الأرشيف مذكور مع بصمته في manifest.json الذي وقّعه السجل"
        " (manifest.sig). وكل إجراء حدث في سجل لا يمكن إلا أن ينمو، ويحتوي ledger.json"
        " على إثبات وجوده فيه. الأمر أدناه يتحقق من كل ذلك دون شبكة ويسمّي أول ملف غير"
        " صحيح. خذ المفتاح العام من السجل نفسه لا من هذا الأرشيف.",
        "more": "بقية الإشعارات في مجلد notices في الأرشيف وليست مطبوعة هنا.",
    },
}
STATES: Final[Mapping[str, Texts]] = {
    "en": {
        "draft": "draft",
        "ready": "ready",
        "sent": "sent",
        "acknowledged": "acknowledged",
        "removed": "removed",
        "refused": "refused",
        "expired": "expired",
        "appealed": "appealed",
        "closed": "closed",
        "reopened": "reopened",
    },
    "es": {
        "draft": "borrador",
        "ready": "lista",
        "sent": "enviada",
        "acknowledged": "recibida",
        "removed": "retirada",
        "refused": "rechazada",
        "expired": "vencida",
        "appealed": "recurrida",
        "closed": "cerrada",
        "reopened": "reabierta",
    },
    "fr": {
        "draft": "brouillon",
        "ready": "prête",
        "sent": "envoyée",
        "acknowledged": "reçue",
        "removed": "retirée",
        "refused": "refusée",
        "expired": "échue",
        "appealed": "contestée",
        "closed": "close",
        "reopened": "rouverte",
    },
    "ar": {
        "draft": "مسودة",
        "ready": "جاهز",
        "sent": "أُرسل",
        "acknowledged": "تأكد استلامه",
        "removed": "أُزيل",
        "refused": "رُفض",
        "expired": "انقضت المهلة",
        "appealed": "طُعن فيه",
        "closed": "مغلق",
        "reopened": "أعيد فتحه",
    },
}

ACTS: Final[Mapping[str, Texts]] = {
    "en": {
        "add": "added",
        "prepare": "prepared",
        "revise": "made a draft again",
        "send": "sent",
        "acknowledge": "receipt confirmed",
        "remove": "removed",
        "refuse": "refused",
        "expire": "term over",
        "appeal": "appealed",
        "reopen": "reopened",
        "close": "closed",
        "pause": "paused",
        "resume": "resumed",
    },
    "es": {
        "add": "añadida",
        "prepare": "preparada",
        "revise": "devuelta a borrador",
        "send": "enviada",
        "acknowledge": "recepción confirmada",
        "remove": "retirada",
        "refuse": "rechazada",
        "expire": "plazo vencido",
        "appeal": "recurrida",
        "reopen": "reabierta",
        "close": "cerrada",
        "pause": "en pausa",
        "resume": "reanudada",
    },
    "fr": {
        "add": "ajoutée",
        "prepare": "préparée",
        "revise": "remise en brouillon",
        "send": "envoyée",
        "acknowledge": "réception confirmée",
        "remove": "retirée",
        "refuse": "refusée",
        "expire": "délai échu",
        "appeal": "contestée",
        "reopen": "rouverte",
        "close": "close",
        "pause": "suspendue",
        "resume": "reprise",
    },
    "ar": {
        "add": "إضافة",
        "prepare": "إعداد",
        "revise": "إعادة إلى مسودة",
        "send": "إرسال",
        "acknowledge": "تأكيد الاستلام",
        "remove": "إزالة",
        "refuse": "رفض",
        "expire": "انقضاء المهلة",
        "appeal": "طعن",
        "reopen": "إعادة فتح",
        "close": "إغلاق",
        "pause": "تعليق",
        "resume": "استئناف",
    },
}

EXHIBITS: Final[Mapping[str, Texts]] = {
    "en": {
        "mandate": "Mandate",
        "registered_fake": "Registered fake",
        "registered_original": "Registered original",
        "letter": "Notice written",
        "proof_of_sending": "Proof of sending",
        "reply": "Reply",
        "attachment": "Attachment to a reply",
    },
    "es": {
        "mandate": "Mandato",
        "registered_fake": "Falsificación registrada",
        "registered_original": "Original registrado",
        "letter": "Notificación redactada",
        "proof_of_sending": "Prueba del envío",
        "reply": "Respuesta",
        "attachment": "Anexo de una respuesta",
    },
    "fr": {
        "mandate": "Mandat",
        "registered_fake": "Faux enregistré",
        "registered_original": "Original enregistré",
        "letter": "Notification rédigée",
        "proof_of_sending": "Preuve d'envoi",
        "reply": "Réponse",
        "attachment": "Pièce jointe à une réponse",
    },
    "ar": {
        "mandate": "التفويض",
        "registered_fake": "المادة المزيفة المسجلة",
        "registered_original": "المادة الأصلية المسجلة",
        "letter": "الإشعار المكتوب",
        "proof_of_sending": "إثبات الإرسال",
        "reply": "الرد",
        "attachment": "مرفق بالرد",
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
